import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { aPostgresPlace } from "../support/a-postgres.ts";
import { opened } from "../support/an-opened-ledger.ts";
import { aMasterKey } from "../support/master-keys.ts";
import { describeAccept } from "./ledger/accept.ts";
import { describeErasure } from "./ledger/erasure.ts";
import type { OpenLedger } from "./ledger/opened.ts";
import { describeQuarantine } from "./ledger/quarantine.ts";
import { describeWork } from "./ledger/work.ts";

const { keys: masterKeys } = aMasterKey();

/** Promises in which leads are read or written, kept by ledgers that seal them. */
function describeSealed(name: string, open: OpenLedger): void {
  describe(`the sealed ${name} ledger`, () => {
    describeAccept(open);
    describeErasure(open);
    describeWork(open);
    describeQuarantine(open);
  });
}

describeSealed("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadkeep-sealed-"));
  const path = join(folder, "data", "leadkeep.db");
  return opened(
    async () => openSqliteLedger({ path, foreignCommitPollMs: 10, masterKeys }),
    () => rm(folder, { recursive: true }),
  );
});

describeSealed("Postgres", async () => {
  const { url, schema, drop } = await aPostgresPlace();
  return opened(() => openPostgresLedger({ url, schema, wakePollMs: 10, masterKeys }), drop);
});
