import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { aConsent, aLead, aMoment, anEntry } from "../../../test/support/a-lead.ts";
import { aFolder } from "../../../test/support/sqlite-file.ts";
import type { Lead } from "../../model/lead.ts";
import { openSqliteLedger } from "./sqlite-ledger.ts";

const actor = { type: "command", name: "test" } as const;
const followUps = () => [];

function aStore() {
  const path = join(aFolder(), "ledger.db");
  const ledger = openSqliteLedger({ path });
  onTestFinished(() => ledger.close());
  const bytes = () =>
    ["", "-wal"].map((suffix) => readFileSync(path + suffix, { flag: "a+" }).toString("latin1")).join("");
  return { ledger, bytes };
}

/** A lead whose every personal value carries the mark. */
function markedLead(mark: string, length: number): Lead {
  return aLead({
    receivedAt: aMoment,
    email: `${mark}@example.com`,
    phone: null,
    name: `Name ${mark}`,
    message: `${mark} ${"x".repeat(length)} ${mark}`,
    formData: { email: `${mark}@example.com`, note: mark.repeat(3) },
    userAgent: `Agent ${mark}`,
    consents: [aConsent({ text: `Text ${mark}` })],
  });
}

test("after an erasure no byte of the person is left in the database file or its log", async () => {
  const { ledger, bytes } = aStore();
  const gone = markedLead("zaphod", 3_000);
  const stays = markedLead("trillian", 50);
  for (const lead of [gone, stays]) await ledger.accept(anEntry({ lead }));
  await ledger.recordConsent(gone.id, aConsent({ pageUrl: "https://example.com/zaphod" }), actor);
  expect(bytes()).toContain("zaphod");
  await ledger.erase([gone.id], { tombstones: ["hash"], now: aMoment, actor, followUps });
  expect(await ledger.scrub()).toBe(true);
  expect(bytes()).not.toMatch(/zaphod/i);
  expect(bytes()).toContain("trillian");
});

test("however leads came, changed, and were erased or expired before, erased ones leave no byte", async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 9_000 }), { minLength: 2, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.infiniteStream(fc.nat()), async (lengths, chance) => {
      const pick = () => Number(chance.next().value);
      const { ledger, bytes } = aStore();
      const leads = lengths.map((length, i) => markedLead(`person${String(i).padStart(4, "0")}q`, length));
      for (const lead of leads) {
        const state = pick() % 5 === 0 ? "quarantined" : "active";
        const form = pick() % 3 === 0 ? "quote" : "contact";
        await ledger.accept(anEntry({ lead: { ...lead, state, form }, key: pick() % 2 ? lead.id : null }));
      }
      const expiry = { what: "leads", form: "quote", state: "active", before: aMoment + 1 } as const;
      if (pick() % 2) await ledger.expire(expiry, { limit: 1 + (pick() % 9), now: aMoment, actor });
      const gone = leads.filter(() => pick() % 2 === 0);
      for (const { id } of gone) await ledger.erase([id], { tombstones: [], now: aMoment, actor, followUps });
      expect(await ledger.scrub()).toBe(true);
      const file = bytes();
      const marks = gone.map(({ name }) => name?.slice("Name ".length) ?? "");
      expect(marks.filter((mark) => file.includes(mark))).toEqual([]);
      await ledger.close();
    }),
    { numRuns: Number(process.env.ERASURE_RUNS ?? 15), endOnFailure: true },
  );
});
