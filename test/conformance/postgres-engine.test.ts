import { afterAll, describe } from "vitest";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { anEnginePlace } from "../support/an-engine-place.ts";
import { opened } from "../support/an-opened-ledger.ts";
import { describeClaim } from "./ledger/claim.ts";
import { describeInvariants } from "./ledger/invariants.ts";
import { describeRecover } from "./ledger/recover.ts";
import { describeReplay } from "./ledger/replay.ts";
import { describeSettle } from "./ledger/settle.ts";

/** What an engine has a part in, by the promises of every store. The rest of them the ledger keeps without one. */
describe("the Postgres ledger with pg-boss as its engine", () => {
  let place: ReturnType<typeof anEnginePlace> | null = null;
  afterAll(async () => (await place)?.drop());

  async function open() {
    place ??= anEnginePlace();
    const { url, schema, empty } = await place;
    return opened(() => openPostgresLedger({ url, schema, wakePollMs: 10, engine: "pg-boss" }), empty);
  }

  describeClaim(open);
  describeSettle(open);
  describeRecover(open);
  describeReplay(open);
  describeInvariants(open, Number(process.env.ENGINE_RUNS ?? 6));
});
