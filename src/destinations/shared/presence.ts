import type { Presence } from "../../model/destination.ts";
import { NetworkError, outcomeOfNetworkError } from "../../model/network-error.ts";
import type { Outcome } from "../../model/outcome.ts";

/** What a look that failed says of whoever was looked for: nothing, and never "missing". A wait that was asked for goes along. */
export function unknownFor(outcome: Exclude<Outcome, { type: "delivered" }>): Presence {
  const waitMs = outcome.type === "retry" ? outcome.waitMs : undefined;
  return { type: "unknown", reason: outcome.reason, ...(waitMs === undefined ? {} : { waitMs }) };
}

/** There, under the id of the receipt or under another. */
export function seenAs(id: string, ref: string | null): Presence {
  return id === ref ? { type: "seen" } : { type: "seen", as: id };
}

/** What a look came to; a network that fails in between is a failed look. */
export async function orUnknown<T>(look: () => Promise<T>): Promise<T | Presence> {
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    const outcome = outcomeOfNetworkError(error);
    if (outcome.type === "delivered") throw error;
    return unknownFor(outcome);
  }
}
