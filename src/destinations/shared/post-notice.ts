import type { Fetch } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { outcomeOf } from "./outcome-of.ts";
import { signedHeaders } from "./sign.ts";

/** JSON for people who run this, rather than for a destination of leads. `id`: the same on every attempt. */
export type PostedNotice = { url: string; id: string; body: string; secrets: readonly string[] };

/** Posts it, as webhooks are posted. Rejects with `NetworkError` when there is no answer. */
export async function postNotice(
  { url, id, body, secrets }: PostedNotice,
  { fetch, signal, now }: { fetch: Fetch; signal: AbortSignal; now(): number },
): Promise<Outcome> {
  const headers = {
    "content-type": "application/json",
    "user-agent": "Leadkeep",
    "idempotency-key": id,
    ...signedHeaders(body, { id, now: now(), secrets }),
  };
  return outcomeOf(await fetch(url, { method: "POST", headers, body, signal }), now());
}
