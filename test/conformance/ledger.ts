import { describe } from "vitest";
import { describeAccept } from "./ledger/accept.ts";
import { describeClaim } from "./ledger/claim.ts";
import { describeConsents } from "./ledger/consents.ts";
import { describeDurability } from "./ledger/durability.ts";
import { describeInvariants } from "./ledger/invariants.ts";
import { describeLists } from "./ledger/lists.ts";
import type { OpenLedger } from "./ledger/opened.ts";
import { describePauses } from "./ledger/pauses.ts";
import { describeRecover } from "./ledger/recover.ts";
import { describeReplay } from "./ledger/replay.ts";
import { describeSettle } from "./ledger/settle.ts";

/**
 * Holds a store to the promises of `src/ledger/ledger.ts`, through that interface alone. `open` gives an empty store each
 * time; nothing here knows which one it is.
 */
export function describeLedger(name: string, open: OpenLedger): void {
  describe(`the ${name} ledger`, () => {
    describeAccept(open);
    describeClaim(open);
    describeSettle(open);
    describeRecover(open);
    describeConsents(open);
    describeReplay(open);
    describePauses(open);
    describeLists(open);
    describeDurability(open);
    describeInvariants(open);
  });
}
