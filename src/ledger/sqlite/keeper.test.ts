import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { aLead, anEntry } from "../../../test/support/a-lead.ts";
import { aConnection, aFolder } from "../../../test/support/sqlite-file.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import { newLeadId } from "../../model/id.ts";
import type { Entry } from "../ledger.ts";
import { arrivalOf } from "./arrival.ts";
import { createKeeper } from "./keeper.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

function aThreadedLedger(threadAt: number) {
  const path = join(aFolder(), "ledger.db");
  const commits: number[] = [];
  const ledger = openSqliteLedger({ path, threadAt, committed: (writes) => commits.push(writes) });
  onTestFinished(() => ledger.close());
  return { path, ledger, commits };
}

const entries = (count: number): Entry[] =>
  Array.from({ length: count }, () => anEntry({ lead: aLead({ id: newLeadId(Date.now()) }) }));

function leadsIn(path: string): number {
  return aConnection(path).prepare("SELECT COUNT(*) AS n FROM leads").get()?.n as number;
}

describe("a thread that records new leads", () => {
  test("records all of a rush, each once, and has them on disk when it says so", async () => {
    const { path, ledger, commits } = aThreadedLedger(20);
    for (let i = 0; i < 10; i++) await Promise.all(entries(100).map((entry) => ledger.accept(entry)));
    expect(leadsIn(path)).toBe(1_000);
    expect(commits.reduce((sum, writes) => sum + writes, 0)).toBe(1_000);
  });

  test("and this one write in turn: neither keeps the other from the file", async () => {
    const { ledger } = aThreadedLedger(0);
    const acts = Array.from({ length: 200 }, (_, at) =>
      ledger.recordAct({ at, actor: { type: "api", name: "test" }, act: "noted", subject: "s" }),
    );
    await Promise.all([...acts, ...entries(200).map((entry) => ledger.accept(entry))]);
    expect(await ledger.acts({ limit: 1_000 })).toHaveLength(200);
    expect(await ledger.leadCounts()).toMatchObject({ active: 200 });
  });

  test("knows a submission's key that this one has recorded, and the other way round", async () => {
    const { ledger } = aThreadedLedger(20);
    const [first, ...rush] = entries(101).map((entry) => ({ ...entry, key: "the same" }));
    const accepted = await ledger.accept(first as Entry);
    for (let i = 0; i < 5; i++) {
      const again = await Promise.all(rush.map((entry) => ledger.accept(entry)));
      expect(new Set(again.map(({ leadId }) => leadId))).toEqual(new Set([accepted.leadId]));
    }
  });

  test("refuses what is not a lead without taking others down", async () => {
    const { ledger } = aThreadedLedger(0);
    const [twice, ...others] = entries(5) as [Entry, ...Entry[]];
    const results = await Promise.allSettled(
      [twice, ...others, { ...twice, key: "another" }].map((e) => ledger.accept(e)),
    );
    expect(results.map(({ status }) => status)).toEqual([...Array(5).fill("fulfilled"), "rejected"]);
  });

  test("that ends by itself refuses what it had been handed, and the rest is recorded without it", async () => {
    const noLedger = aConnection(join(aFolder(), "empty.db"));
    const keeper = createKeeper({ path: noLedger.location() as string, threadAt: 0 });
    const arrival = () => arrivalOf(anEntry(), "{}");
    await expect(keeper.accept(arrival())).rejects.toThrow(LedgerUnavailable);
    expect(keeper.accept(arrival())).toBeNull();
    expect(keeper.turnstile()?.take()).toBe(true);
    await keeper.close();
  });

  test("closing waits for what was handed over", async () => {
    const { path, ledger } = aThreadedLedger(0);
    const accepted = entries(300).map((entry) => ledger.accept(entry));
    await ledger.close();
    await Promise.all(accepted);
    expect(leadsIn(path)).toBe(300);
  });
});
