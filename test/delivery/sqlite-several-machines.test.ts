import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { describeSeveralMachines } from "./several-machines.ts";

// The embedded store is for one process; here it says otherwise, so that what lanes share can be tried without a Postgres.
describeSeveralMachines("a SQLite file that takes them for several", async () => {
  const folder = aFolder();
  const opened: Ledger[] = [];
  return {
    async open() {
      const ledger = openSqliteLedger({ path: `${folder}/ledger.db`, foreignCommitPollMs: 60_000 });
      opened.push(ledger);
      return { ...ledger, together: { ...ledger.together, machines: "several" } };
    },
    async cleanup() {
      for (const ledger of opened) await ledger.close();
    },
  };
});
