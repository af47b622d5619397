import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { aPostgresPlace } from "../support/a-postgres.ts";
import { opened } from "../support/an-opened-ledger.ts";
import { describeLedger } from "./ledger.ts";

describeLedger("Postgres", async () => {
  const { url, schema, drop } = await aPostgresPlace();
  return opened(() => openPostgresLedger({ url, schema, wakePollMs: 10 }), drop);
});
