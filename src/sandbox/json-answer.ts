import type { HttpAnswer } from "./fault.ts";

/** A JSON answer. */
export function json(status: number, body: object): HttpAnswer {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", "x-content-type-options": "nosniff" },
    body: JSON.stringify(body),
  };
}
