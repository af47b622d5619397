import type { Claim } from "../ledger/ledger.ts";
import { redacted } from "../model/lead.ts";

/** The claim as its destination may see it: without the person when it leaves on no basis of theirs. */
export function redactIfNeeded(claim: Claim): Claim {
  return claim.basis === "nothing-personal" ? { ...claim, lead: redacted(claim.lead) } : claim;
}
