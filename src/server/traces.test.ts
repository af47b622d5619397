import { type Context, isSpanContextValid, type SpanOptions, type Tracer, trace } from "@opentelemetry/api";
import { expect, test } from "vitest";
import { deliveryIdOf } from "../model/id.ts";
import { spansOf } from "./traces.ts";

const lead = "lead_019ab000-0000-7000-8000-00007f3a91c2";

/** What spans a tracer was asked for. */
function aTracer() {
  const spans: { name: string; options: SpanOptions; traceId: string; status: unknown; end: unknown }[] = [];
  const noop = trace.getTracer("noop");
  const tracer: Tracer = {
    startActiveSpan: noop.startActiveSpan.bind(noop),
    startSpan: (name: string, options: SpanOptions = {}, context?: Context) => {
      const parent = context && trace.getSpanContext(context);
      if (!parent || !isSpanContextValid(parent)) throw new Error("the span belongs to no trace");
      const one = { name, options, traceId: parent.traceId, status: null as unknown, end: null as unknown };
      spans.push(one);
      const span = noop.startSpan(name);
      span.setStatus = (status) => {
        one.status = status;
        return span;
      };
      span.end = (at) => {
        one.end = at;
      };
      return span;
    },
  };
  return { tracer, spans };
}

const anAttempt = {
  type: "attempted",
  lead,
  delivery: deliveryIdOf(lead, "crm"),
  event: "lead.created",
  destination: "crm",
  n: 2,
  startedAt: 5_000,
  durationMs: 120,
  waitMs: null,
} as const;

test("all spans of a lead are one trace, with the times they really had", () => {
  const { tracer, spans } = aTracer();
  const observe = spansOf(tracer);
  observe({ type: "accepted", lead, form: "contact", state: "active", startedAt: 1_000, durationMs: 3 });
  observe({ ...anAttempt, outcome: "delivered" });
  expect(spans.map(({ name, options, end }) => [name, options.startTime, end])).toEqual([
    ["accept", 1_000, 1_003],
    ["attempt", 5_000, 5_120],
  ]);
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(["019ab000000070008000" + "00007f3a91c2"]));
});

test("an attempt says where to, and what it came to", () => {
  const { tracer, spans } = aTracer();
  spansOf(tracer)({ ...anAttempt, outcome: "retry" });
  expect(spans[0]?.options.attributes).toMatchObject({ "leadkeep.destination": "crm", "leadkeep.outcome": "retry" });
  expect(spans[0]?.status).toMatchObject({ message: "retry" });
});

test("what is about no lead makes no span", () => {
  const { tracer, spans } = aTracer();
  const observe = spansOf(tracer);
  observe({ type: "committed", writes: 3 });
  observe({ type: "refused", code: "invalid" });
  observe({ type: "lease_lost", destination: "crm" });
  expect(spans).toEqual([]);
});
