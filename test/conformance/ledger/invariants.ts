import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Claim, LeadRecord, Ledger } from "../../../src/ledger/ledger.ts";
import { type ConsentEvent, gate } from "../../../src/model/consent.ts";
import type { LeadId } from "../../../src/model/id.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry } from "../../support/a-lead.ts";
import type { OpenLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, leaseMs, listed, putOff } from "./steps.ts";

const destinations = ["crm", "sheet"] as const;
const destination = fc.constantFrom(...destinations);
/** Picks one of what there is at the time; any number does. */
const pick = fc.nat(1_000);

const step = fc.oneof(
  fc.record({ do: fc.constant("accept" as const), person: fc.constantFrom("p", "q", null), granted: fc.boolean() }),
  fc.record({
    do: fc.constant("claim" as const),
    destination,
    limit: fc.integer({ min: 1, max: 4 }),
    workers: fc.constantFrom(1, 2),
  }),
  fc.record({ do: fc.constant("settle" as const), pick, to: fc.constantFrom("delivered", "pending", "dead") }),
  fc.record({ do: fc.constant("save" as const), pick }),
  fc.record({ do: fc.constant("recover" as const), dead: fc.constantFrom("worker-0", "worker-1", null) }),
  fc.record({ do: fc.constant("replay" as const), pick, all: fc.boolean() }),
  fc.record({ do: fc.constant("consent" as const), pick, action: fc.constantFrom("granted", "withdrawn") }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 10_000, leaseMs + 1) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What the run remembers of what it did, to hold the ledger's records against. */
type Run = { now: number; accepted: LeadId[]; claims: Claim[]; before: Map<LeadId, LeadRecord> };

export function describeInvariants(open: OpenLedger, runs = 30): void {
  describe("whatever happens, in whatever order", () => {
    test("every delivery stays in one state that its attempts account for", { timeout: 180_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60, size: "max" }), async (steps) => {
          const { ledger, cleanup } = await open();
          const run: Run = { now: aMoment, accepted: [], claims: [], before: new Map() };
          try {
            for (const each of steps) {
              await take(each, ledger, run);
              await holds(ledger, run);
            }
          } finally {
            await cleanup();
          }
        }),
        { numRuns: runs },
      );
    });
  });
}

async function take(step: Step, ledger: Ledger, run: Run): Promise<void> {
  switch (step.do) {
    case "accept": {
      const consents = step.granted ? [aConsent({ at: run.now })] : [];
      const lead = aLead({ person: step.person, receivedAt: run.now, consents });
      const deliveries = destinations.map((id) => aDelivery({ destination: id }));
      await ledger.accept(anEntry({ lead, deliveries }));
      run.accepted.push(lead.id);
      return;
    }
    case "claim": {
      const need = { purpose: "enquiry", basis: "consent" } as const;
      const claims = await Promise.all(
        Array.from({ length: step.workers }, (_, i) =>
          claimFrom(ledger, {
            destination: step.destination,
            limit: step.limit,
            now: run.now,
            worker: `worker-${i}`,
            gate: ({ consents }) => gate(need, consents),
          }),
        ),
      );
      for (const some of claims) expect(some.length).toBeLessThanOrEqual(step.limit);
      run.claims.push(...claims.flat());
      return;
    }
    case "settle": {
      const claim = run.claims[step.pick % run.claims.length];
      if (!claim) return;
      const settlements = {
        delivered: arrived(claim),
        pending: putOff(claim, { dueAt: run.now + 5_000 }),
        dead: buried(claim),
      };
      expect(await ledger.settle(settlements[step.to as keyof typeof settlements])).toBe(isUnderWay(claim, run));
      return;
    }
    case "save": {
      const claim = run.claims[step.pick % run.claims.length];
      if (!claim) return;
      const { id: deliveryId, attempts: n } = claim.delivery;
      expect(await ledger.saveProgress({ deliveryId, n }, { saved: n })).toBe(isUnderWay(claim, run));
      return;
    }
    case "recover": {
      const reason = { code: "interrupted", message: "the attempt was interrupted" };
      await ledger.recover({
        now: run.now,
        isDead: (worker) => worker === step.dead,
        settle: ({ tries }) => ({
          outcome: { type: "uncertain", reason },
          next: { state: "pending", dueAt: run.now, tries: tries + 1, uncertain: true, reason },
        }),
      });
      return;
    }
    case "replay": {
      const claim = run.claims[step.pick % run.claims.length];
      if (!claim) return;
      const selection = step.all ? ({ state: "dead" } as const) : { ids: [claim.delivery.id] };
      await ledger.replay(selection, { now: run.now, actor: anActor });
      return;
    }
    case "consent": {
      const leadId = run.accepted[step.pick % run.accepted.length];
      const event = aConsent({ action: step.action as ConsentEvent["action"], at: run.now });
      if (leadId) await ledger.recordConsent(leadId, event, anActor);
      return;
    }
    case "wait":
      run.now += step.ms;
  }
}

function isUnderWay({ lead, delivery }: Claim, { before }: Run): boolean {
  const stored = before.get(lead.id)?.deliveries.find(({ id }) => id === delivery.id);
  return stored?.state === "claimed" && stored.attempts === delivery.attempts;
}

/** Every record agrees with itself, with the one before it, and with the backlog. */
async function holds(ledger: Ledger, run: Run): Promise<void> {
  const records = await listed(ledger);
  expect(records.map(({ lead }) => lead.id)).toEqual(run.accepted.toReversed());
  for (const record of records) {
    expect(record.deliveries.map((delivery) => delivery.destination)).toEqual([...destinations]);
    for (const delivery of record.deliveries) standsToReason(delivery);
    const earlier = run.before.get(record.lead.id);
    if (earlier) followsFrom(earlier, record);
  }
  const deliveries = records.flatMap((record) =>
    record.deliveries.map((delivery) => ({ ...delivery, person: record.lead.person })),
  );
  const underWay = deliveries.filter(({ state, person }) => state === "claimed" && person !== null);
  const people = underWay.map((delivery) => `${delivery.person} at ${delivery.destination}`);
  expect(new Set(people).size).toBe(people.length);
  for (const { destination, state, count } of await ledger.backlog()) {
    expect(deliveries.filter((one) => one.destination === destination && one.state === state)).toHaveLength(count);
  }
  run.before = new Map(records.map((record) => [record.lead.id, record]));
}

function standsToReason({ state, dueAt, attempts, history }: LeadRecord["deliveries"][number]): void {
  expect(history.map(({ n }) => n)).toEqual(Array.from({ length: attempts }, (_, i) => i + 1));
  const unfinished = history.filter(({ outcome }) => outcome === null);
  expect(unfinished.map(({ n }) => n)).toEqual(state === "claimed" ? [attempts] : []);
  expect(dueAt === null).toBe(state !== "pending");
  expect(history.some(({ outcome }) => outcome === "delivered")).toBe(state === "delivered");
}

function followsFrom(earlier: LeadRecord, later: LeadRecord): void {
  expect(later.lead.consents.slice(0, earlier.lead.consents.length)).toEqual(earlier.lead.consents);
  for (const [i, before] of earlier.deliveries.entries()) {
    const after = later.deliveries[i];
    const completed = before.history.filter(({ outcome }) => outcome !== null);
    expect(after?.history.slice(0, completed.length)).toEqual(completed);
    if (before.state === "delivered") expect(after).toEqual(before);
  }
}
