import { afterAll, beforeAll, describe } from "vitest";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { type Pooler, pgbouncer, startPgBouncer } from "../support/a-pgbouncer.ts";
import { aPostgresPlace } from "../support/a-postgres.ts";
import { opened } from "../support/an-opened-ledger.ts";
import { describeClaim } from "./ledger/claim.ts";
import { describeSettle } from "./ledger/settle.ts";
import { describeLedger } from "./ledger.ts";

/** Runs where PgBouncer is installed; the whole suite with PGBOUNCER=all, which takes minutes. */
describe.skipIf(pgbouncer === null)("through PgBouncer in transaction mode", () => {
  let pooler: Pooler;
  beforeAll(async () => {
    const place = await aPostgresPlace();
    pooler = await startPgBouncer(pgbouncer ?? "", place.url);
    await place.drop();
  });
  afterAll(() => pooler?.stop());

  async function open() {
    const { schema, drop } = await aPostgresPlace();
    return opened(() => openPostgresLedger({ url: pooler.url, schema, wakePollMs: 10 }), drop);
  }

  if (process.env.PGBOUNCER === "all") {
    describeLedger("Postgres", open);
  } else {
    describeClaim(open);
    describeSettle(open);
  }
});
