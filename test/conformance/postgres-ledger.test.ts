import type { Ledger } from "../../src/ledger/ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { aPostgresPlace } from "../support/a-postgres.ts";
import { describeLedger } from "./ledger.ts";

describeLedger("Postgres", async () => {
  const place = await aPostgresPlace();
  const opened: Ledger[] = [];
  async function open(): Promise<Ledger> {
    const ledger = await openPostgresLedger({ url: place.url, schema: place.schema, wakePollMs: 10 });
    opened.push(ledger);
    return ledger;
  }
  const ledger = await open();
  return {
    ledger,
    reopen: async () => {
      await ledger.close();
      return open();
    },
    openSecond: open,
    cleanup: async () => {
      for (const each of opened) await each.close();
      await place.drop();
    },
  };
});
