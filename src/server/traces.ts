import { context, SpanKind, SpanStatusCode, TraceFlags, type Tracer, trace } from "@opentelemetry/api";
import type { LeadId } from "../model/id.ts";
import type { Observer } from "../model/observer.ts";

/**
 * Spans of what happened to leads, for the OpenTelemetry SDK the process was started with; without one they are nothing. All spans of a
 * lead are one trace, on whatever machine and day: the trace's id is the lead's.
 */
export function spansOf(tracer: Tracer = trace.getTracer("leadkeep")): Observer {
  return (happening) => {
    if (happening.type === "accepted") {
      const { lead, form, state, startedAt, durationMs } = happening;
      const attributes = { "leadkeep.lead": lead, "leadkeep.form": form, "leadkeep.state": state };
      tracer
        .startSpan("accept", { kind: SpanKind.SERVER, startTime: startedAt, attributes }, ofLead(lead))
        .end(startedAt + durationMs);
    } else if (happening.type === "attempted") {
      const { lead, delivery, event, destination, n, outcome, startedAt, durationMs } = happening;
      const attributes = {
        "leadkeep.lead": lead,
        "leadkeep.delivery": delivery,
        "leadkeep.event": event,
        "leadkeep.destination": destination,
        "leadkeep.attempt": n,
        "leadkeep.outcome": outcome,
      };
      const span = tracer.startSpan(
        "attempt",
        { kind: SpanKind.CLIENT, startTime: startedAt, attributes },
        ofLead(lead),
      );
      if (outcome !== "delivered") span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
      span.end(startedAt + durationMs);
    }
  };
}

/** A lead's UUID has the 128 bits of a trace id (https://www.w3.org/TR/trace-context/#trace-id); its end stands for the root span. */
function ofLead(lead: LeadId) {
  const traceId = lead.slice("lead_".length).replaceAll("-", "");
  const root = { traceId, spanId: traceId.slice(16), traceFlags: TraceFlags.SAMPLED, isRemote: true };
  return trace.setSpanContext(context.active(), root);
}
