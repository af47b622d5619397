import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { opened } from "../support/an-opened-ledger.ts";
import { describeLedger } from "./ledger.ts";

describeLedger("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadkeep-ledger-"));
  const path = join(folder, "data", "leadkeep.db");
  return opened(
    async () => openSqliteLedger({ path, foreignCommitPollMs: 10 }),
    () => rm(folder, { recursive: true }),
  );
});
