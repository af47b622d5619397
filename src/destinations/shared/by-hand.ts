import type { Outcome } from "../../model/outcome.ts";

/** The answer to a follow-up a destination cannot be told of: a dead letter that stays until a person has seen to it. */
export function byHand(message: string): Outcome {
  return { type: "rejected", reason: { code: "by_hand", message } };
}
