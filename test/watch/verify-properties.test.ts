import fc from "fast-check";
import { expect, test } from "vitest";
import type { LeadId } from "../../src/model/id.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import { buried, claimFrom } from "../conformance/ledger/steps.ts";
import { aCrm, type TestCrm } from "../support/a-crm.ts";
import { aDelivery, aLead, aWithheldDelivery } from "../support/a-lead.ts";
import { anActor, aVerifiedLedger, later, type VerifiedLedger } from "../support/a-verified-ledger.ts";

/** What happens to a lead before everything is looked at. */
const fates = [
  "kept",
  "deleted",
  "merged",
  "mute",
  "deleted and mute",
  "erased",
  "dead",
  "withheld",
  "waiting",
] as const;
type Fate = (typeof fates)[number];

const expected: Record<Fate, Verdict> = {
  kept: "seen",
  deleted: "missing",
  merged: "seen",
  mute: "unknown",
  "deleted and mute": "unknown",
  erased: "erased",
  dead: "dead",
  withheld: "withheld",
  waiting: "waiting",
};

const runs = Number(process.env.VERIFY_RUNS ?? 12);

async function befall({ ledger, deliver }: VerifiedLedger, crm: TestCrm, fate: Fate): Promise<LeadId> {
  if (fate === "withheld" || fate === "waiting" || fate === "dead") {
    const lead = aLead();
    const deliveries = [fate === "withheld" ? aWithheldDelivery() : aDelivery()];
    await ledger.accept({ lead, deliveries, key: null });
    if (fate === "dead") {
      for (const claim of await claimFrom(ledger)) {
        if (claim.lead.id === lead.id) await ledger.settle(buried(claim));
      }
    }
    return lead.id;
  }
  const [lead] = (await deliver(1)) as [LeadId];
  const ref = `record-${crm.made}`;
  if (fate.startsWith("deleted")) crm.records.delete(ref);
  if (fate.endsWith("mute")) crm.mute.add(lead);
  if (fate === "merged") crm.merged.set(ref, "another");
  if (fate === "erased") {
    await ledger.erase([lead], { now: later, actor: anActor, tombstones: [], followUps: () => [] });
  }
  return lead;
}

test("whatever became of leads and records, each verdict is right, and repair brings exactly the missing ones back", async () => {
  const life = fc.record({
    lives: fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: 25 }),
    readBackSize: fc.integer({ min: 1, max: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(life, async ({ lives, readBackSize }) => {
      const crm = aCrm({ readBackSize });
      const verified = aVerifiedLedger(crm);
      const { ledger, completeness, drain } = verified;
      const byFate = new Map<LeadId, Fate>();
      // What is to wait comes last: the others are delivered by the way.
      const order = lives.toSorted((a, b) => Number(a === "waiting") - Number(b === "waiting"));
      for (const fate of order) byFate.set(await befall(verified, crm, fate), fate);
      const count = (verdict: Verdict) => lives.filter((fate) => expected[fate] === verdict).length;

      const run = await completeness.verify({ actor: anActor });
      const told = new Map<Verdict, number>();
      for (const { verdict, count } of run.counts.tallies) told.set(verdict, (told.get(verdict) ?? 0) + count);
      for (const verdict of new Set(Object.values(expected))) {
        expect([verdict, told.get(verdict) ?? 0]).toEqual([verdict, count(verdict)]);
      }
      const open = count("missing") + count("unknown") + count("dead");
      expect(run.counts).toMatchObject({ leads: lives.length, accounted: lives.length - open });
      const missing = (await ledger.verifications.missing({ limit: 100 })).map(({ leadId }) => leadId);
      const deleted = [...byFate].filter(([, fate]) => fate === "deleted").map(([lead]) => lead);
      expect(missing).toEqual(deleted.toSorted());

      const before = new Map(crm.records);
      const repaired = await completeness.verify({ actor: anActor, repair: true });
      expect(repaired.counts.repaired).toBe(deleted.length);
      await drain();
      const brought = [...crm.records].filter(([ref]) => !before.has(ref)).map(([, lead]) => lead);
      const waiting = [...byFate].filter(([, fate]) => fate === "waiting").map(([lead]) => lead);
      expect(brought.toSorted()).toEqual([...deleted, ...waiting].toSorted());
      for (const lead of [...deleted, ...waiting]) {
        expect([...crm.records.values()].filter((one) => one === lead)).toHaveLength(1);
      }
      await ledger.close();
    }),
    { numRuns: runs },
  );
}, 300_000);
