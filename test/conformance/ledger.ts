import { describe } from "vitest";
import { describeAccept } from "./ledger/accept.ts";
import { describeActs } from "./ledger/acts.ts";
import { describeCancel } from "./ledger/cancel.ts";
import { describeClaim } from "./ledger/claim.ts";
import { describeConsents } from "./ledger/consents.ts";
import { describeDurability } from "./ledger/durability.ts";
import { describeErasure } from "./ledger/erasure.ts";
import { describeExpiry } from "./ledger/expiry.ts";
import { describeFollowUps } from "./ledger/follow-ups.ts";
import { describeInvariants } from "./ledger/invariants.ts";
import { describeLists } from "./ledger/lists.ts";
import type { OpenLedger } from "./ledger/opened.ts";
import { describePages } from "./ledger/pages.ts";
import { describePauses } from "./ledger/pauses.ts";
import { describeQuarantine } from "./ledger/quarantine.ts";
import { describeRecover } from "./ledger/recover.ts";
import { describeReplay } from "./ledger/replay.ts";
import { describeResync } from "./ledger/resync.ts";
import { describeSettle } from "./ledger/settle.ts";
import { describeTallies } from "./ledger/tallies.ts";
import { describeTogether } from "./ledger/together.ts";
import { describeVerifications } from "./ledger/verifications.ts";
import { describeWork } from "./ledger/work.ts";

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
    describeFollowUps(open);
    describeErasure(open);
    describeExpiry(open);
    describeCancel(open);
    describeReplay(open);
    describePauses(open);
    describeLists(open);
    describePages(open);
    describeTallies(open);
    describeWork(open);
    describeActs(open);
    describeTogether(open);
    describeResync(open);
    describeQuarantine(open);
    describeVerifications(open);
    describeDurability(open);
    describeInvariants(open);
  });
}
