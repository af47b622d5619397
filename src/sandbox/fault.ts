import { validateHeaderName, validateHeaderValue } from "node:http";
import * as z from "zod";

/** How often a fault strikes. */
export const hits = {
  /** Requests it hits before the vendor is itself again. @default until taken away */
  times: z.number().int().positive().optional(),
  /** Share of requests it hits, 0 to 1. @default 1 */
  rate: z.number().min(0).max(1).optional(),
};
const milliseconds = z.number().int().min(0).max(3_600_000);
const headerValue = z.string().refine(isHeaderValue, "not a header value");
const headerName = z.string().refine(isHeaderName, "not a header name");

/**
 * What a vendor does instead of, or around, its own answer. Where a fault does not say whether the request is applied:
 * `latency`, `garbage`, `drip` and `endless` apply it (the vendor did its work, only its answer is odd), `redirect` does
 * not, and `status` does when told so.
 */
export const fault = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("status"),
    status: z.number().int().min(200).max(599),
    headers: z.record(headerName, headerValue).optional(),
    body: z.string().optional(),
    /** @default false */
    applied: z.boolean().optional(),
    ...hits,
  }),
  /** Applies at once, answers after `ms`. */
  z.strictObject({ type: z.literal("latency"), ms: milliseconds, ...hits }),
  /** Never answers. */
  z.strictObject({ type: z.literal("hang"), applied: z.boolean(), ...hits }),
  /** The connection is reset before the request is applied, or after: "applied, but the answer was lost". */
  z.strictObject({ type: z.literal("reset"), when: z.enum(["before", "after"]), ...hits }),
  /** 200 with bytes that are neither JSON nor text. */
  z.strictObject({ type: z.literal("garbage"), ...hits }),
  /** 200, then one byte at a time for ever. */
  z.strictObject({ type: z.literal("drip"), intervalMs: milliseconds.min(1), ...hits }),
  /** 200 with an endless, fast body. */
  z.strictObject({ type: z.literal("endless"), ...hits }),
  /** 307, which keeps method and body: a client that follows it hands the lead to another address. */
  z.strictObject({ type: z.literal("redirect"), location: headerValue, ...hits }),
]);
export type Fault = z.infer<typeof fault>;

/** An HTTP answer, whole. */
export type HttpAnswer = { status: number; headers?: Record<string, string>; body: string | Uint8Array };

/** What goes over the wire. */
export type Wire =
  | { type: "answer"; answer: HttpAnswer; delayMs: number }
  | { type: "hang" }
  | { type: "reset" }
  | { type: "drip"; intervalMs: number }
  | { type: "endless" };

type Hits = { times?: number | undefined; rate?: number | undefined };

/** Whether a fault hits this request, and the fault that remains for the next one. Draws only for a `rate` below 1. */
export function strike<F extends Hits>(fault: F | null, random: () => number): { hit: F | null; remaining: F | null } {
  if (!fault) return { hit: null, remaining: null };
  if (fault.rate !== undefined && fault.rate < 1 && random() >= fault.rate) return { hit: null, remaining: fault };
  if (fault.times === undefined) return { hit: fault, remaining: fault };
  return { hit: fault, remaining: fault.times > 1 ? { ...fault, times: fault.times - 1 } : null };
}

/** True when the request comes as far as the vendor in spite of the fault. */
export function reachesVendor(fault: Fault | null): boolean {
  switch (fault?.type) {
    case "status":
      return fault.applied ?? false;
    case "hang":
      return fault.applied;
    case "reset":
      return fault.when === "after";
    case "redirect":
      return false;
    default:
      return true;
  }
}

/** What the client sees: the vendor's own answer, or what the fault makes of it. */
export function wireOf(fault: Fault | null, own: HttpAnswer | null): Wire {
  switch (fault?.type) {
    case "status":
      return answered({ status: fault.status, headers: fault.headers ?? {}, body: fault.body ?? "" });
    case "redirect":
      return answered({ status: 307, headers: { location: fault.location }, body: "" });
    case "garbage":
      return answered({ status: 200, headers: { "content-type": "application/octet-stream" }, body: garbage });
    case "hang":
    case "reset":
    case "endless":
      return { type: fault.type };
    case "drip":
      return { type: "drip", intervalMs: fault.intervalMs };
    case "latency":
    case undefined:
      if (!own) throw new Error("A request that reached the vendor has no answer.");
      return { type: "answer", answer: own, delayMs: fault?.ms ?? 0 };
  }
}

/** Begins with bytes no UTF-8 text can begin with. */
const garbage = Uint8Array.from({ length: 256 }, (_, index) => 255 - index);

function answered(answer: HttpAnswer): Wire {
  return { type: "answer", answer, delayMs: 0 };
}

function isHeaderName(name: string): boolean {
  return doesNotThrow(() => validateHeaderName(name));
}

function isHeaderValue(value: string): boolean {
  return doesNotThrow(() => validateHeaderValue("location", value));
}

function doesNotThrow(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
