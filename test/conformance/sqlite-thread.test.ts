import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { opened } from "../support/an-opened-ledger.ts";
import { describeAccept } from "./ledger/accept.ts";
import { describeDurability } from "./ledger/durability.ts";
import type { OpenLedger } from "./ledger/opened.ts";
import { describeTallies } from "./ledger/tallies.ts";

const open: OpenLedger = async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadkeep-ledger-"));
  const path = join(folder, "data", "leadkeep.db");
  return opened(
    async () => openSqliteLedger({ path, foreignCommitPollMs: 10, threadAt: 0 }),
    () => rm(folder, { recursive: true }),
  );
};

// What new leads have to do with; the rest is the same code over the same connection as without a thread.
describe("the SQLite ledger that records new leads in a thread", () => {
  describeAccept(open);
  describeTallies(open);
  describeDurability(open);
});
