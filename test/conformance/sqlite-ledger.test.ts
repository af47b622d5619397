import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { describeLedger } from "./ledger.ts";

describeLedger("SQLite", async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadkeep-ledger-"));
  const opened: Ledger[] = [];
  function open(): Ledger {
    const ledger = openSqliteLedger({ path: join(folder, "data", "leadkeep.db"), foreignCommitPollMs: 10 });
    opened.push(ledger);
    return ledger;
  }
  const ledger = open();
  return {
    ledger,
    reopen: async () => {
      await ledger.close();
      return open();
    },
    openSecond: async () => open(),
    cleanup: async () => {
      for (const each of opened) await each.close();
      await rm(folder, { recursive: true });
    },
  };
});
