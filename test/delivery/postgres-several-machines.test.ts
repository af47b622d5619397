import { afterAll, beforeAll } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { createNotes } from "../../src/ledger/postgres/together.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { createTogether } from "../../src/ledger/together.ts";
import { aNotesPostgres } from "../support/a-notes-postgres.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { describeSeveralMachines } from "./several-machines.ts";

let postgres: Awaited<ReturnType<typeof aNotesPostgres>>;
beforeAll(async () => {
  postgres = await aNotesPostgres();
});
afterAll(() => postgres?.stop());

describeSeveralMachines("a SQLite file with notes in Postgres", async () => {
  await postgres.run("TRUNCATE together", []);
  const folder = aFolder();
  const opened: Ledger[] = [];
  return {
    async open() {
      const ledger = openSqliteLedger({ path: `${folder}/ledger.db`, foreignCommitPollMs: 60_000 });
      opened.push(ledger);
      return { ...ledger, together: createTogether("several", createNotes(postgres.run)) };
    },
    async cleanup() {
      for (const ledger of opened) await ledger.close();
    },
  };
});
