import { afterAll, beforeAll, describe } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { type Pooler, pgbouncer, startPgBouncer } from "../support/a-pgbouncer.ts";
import { aPostgresPlace } from "../support/a-postgres.ts";
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
    const place = await aPostgresPlace();
    const opened: Ledger[] = [];
    async function openOne(): Promise<Ledger> {
      const ledger = await openPostgresLedger({ url: pooler.url, schema: place.schema, wakePollMs: 10 });
      opened.push(ledger);
      return ledger;
    }
    const ledger = await openOne();
    return {
      ledger,
      reopen: async () => {
        await ledger.close();
        return openOne();
      },
      openSecond: openOne,
      cleanup: async () => {
        for (const each of opened) await each.close();
        await place.drop();
      },
    };
  }

  if (process.env.PGBOUNCER === "all") {
    describeLedger("Postgres", open);
  } else {
    describeClaim(open);
    describeSettle(open);
  }
});
