import { describe, expect, test } from "vitest";
import { gate } from "../../../src/model/consent.ts";
import { deliveryIdOf } from "../../../src/model/id.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import {
  anActor,
  arrived,
  buried,
  claimFrom,
  claimOne,
  closedGate,
  deliveryOf,
  leadsOf,
  leaseMs,
  putOff,
} from "./steps.ts";

const dayMs = 86_400_000;

export function describeClaim(open: OpenLedger): void {
  describe("claim", () => {
    const store = useLedger(open);

    async function accepted(...overrides: Parameters<typeof aLead>) {
      const lead = aLead(...overrides);
      await store.ledger.accept(anEntry({ lead }));
      return lead;
    }

    test("a claimed delivery comes with its lead, basis and attempt number", async () => {
      const lead = await accepted({ consents: [aConsent()] });
      const claim = await claimOne(store.ledger, { gate: () => ({ type: "open", basis: "contract" }) });
      expect(claim.lead).toEqual(lead);
      expect(claim.basis).toBe("contract");
      const { history: _, ...stored } = await deliveryOf(store.ledger, lead.id);
      expect(claim.delivery).toEqual(stored);
      expect(claim.delivery).toMatchObject({ state: "claimed", dueAt: null, attempts: 1, firstTryAt: aMoment });
    });

    test("a claim puts attempt 1 on record as started and not yet completed", async () => {
      const lead = await accepted();
      await claimOne(store.ledger, { now: aMoment + 5 });
      expect((await deliveryOf(store.ledger, lead.id)).history).toEqual([
        { n: 1, startedAt: aMoment + 5, durationMs: null, outcome: null, status: null, reason: null, basis: "consent" },
      ]);
    });

    test("attempts of one delivery are numbered without a gap", async () => {
      const lead = await accepted();
      for (const n of [1, 2, 3]) {
        const claim = await claimOne(store.ledger);
        expect(claim.delivery.attempts).toBe(n);
        await store.ledger.settle(putOff(claim, { dueAt: aMoment }));
      }
      expect((await deliveryOf(store.ledger, lead.id)).history.map(({ n }) => n)).toEqual([1, 2, 3]);
    });

    test("a retry that is not due yet stays", async () => {
      await accepted();
      await store.ledger.settle(putOff(await claimOne(store.ledger), { dueAt: aMoment + 1 }));
      expect(await claimFrom(store.ledger)).toEqual([]);
      expect(await claimFrom(store.ledger, { now: aMoment + 1 })).toHaveLength(1);
    });

    test("new leads go in the order they came", async () => {
      const [early, middle, late] = [await accepted(), await accepted(), await accepted()];
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([early.id, middle.id, late.id]);
    });

    test("of retries the longest due goes first", async () => {
      const leads = [await accepted(), await accepted(), await accepted()];
      for (const [i, claim] of (await claimFrom(store.ledger)).entries()) {
        await store.ledger.settle(putOff(claim, { dueAt: aMoment - ([10, 30, 20][i] ?? 0) }));
      }
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([leads[1], leads[2], leads[0]].map((lead) => lead?.id));
    });

    test("a lead a person replays goes among the new ones by its time", async () => {
      const replayed = await accepted({ receivedAt: aMoment - 60 });
      await store.ledger.settle(buried(await claimOne(store.ledger)));
      await store.ledger.replay({ ids: [deliveryIdOf(replayed.id, "crm")] }, { now: aMoment - 20, actor: anActor });
      const before = await accepted({ receivedAt: aMoment - 30 });
      const after = await accepted({ receivedAt: aMoment - 10 });
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([before.id, replayed.id, after.id]);
    });

    test("a lead from a clock that was ahead is due at once, and holds up none behind it", async () => {
      const ahead = await accepted({ receivedAt: aMoment + dayMs });
      const next = await accepted();
      expect(await store.ledger.nextDue("crm", { now: aMoment })).toBe(aMoment);
      expect(leadsOf(await claimFrom(store.ledger)).toSorted()).toEqual([ahead.id, next.id]);
    });

    test("what a person made due while the clock was ahead is due at once", async () => {
      const lead = await accepted();
      await store.ledger.settle(buried(await claimOne(store.ledger)));
      const ids = [deliveryIdOf(lead.id, "crm")];
      await store.ledger.replay({ ids }, { now: aMoment + dayMs, actor: anActor });
      expect(await store.ledger.nextDue("crm", { now: aMoment })).toBe(aMoment);
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([lead.id]);
    });

    test("a retry that waits for longer than any can is due, and one that waits for as long is not", async () => {
      const long = await accepted();
      await store.ledger.settle(putOff(await claimOne(store.ledger), { dueAt: aMoment + 5_000 }));
      const jumped = await accepted();
      await store.ledger.settle(putOff(await claimOne(store.ledger), { dueAt: aMoment + dayMs }));
      expect(await claimFrom(store.ledger)).toEqual([]);
      const by = { now: aMoment, longestWaitMs: 5_000 };
      expect(await store.ledger.nextDue("crm", by)).toBe(aMoment);
      expect(leadsOf(await claimFrom(store.ledger, by))).toEqual([jumped.id]);
      expect(await store.ledger.nextDue("crm", by)).toBe(aMoment + 5_000);
      expect(leadsOf(await claimFrom(store.ledger, { ...by, now: aMoment + 5_000 }))).toEqual([long.id]);
    });

    test("new deliveries go before retries, however long those are due", async () => {
      const retried = await accepted();
      await store.ledger.settle(putOff(await claimOne(store.ledger), { dueAt: aMoment - 60_000 }));
      const fresh = await accepted();
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([fresh.id, retried.id]);
    });

    test("no more than the limit are claimed", async () => {
      for (let i = 0; i < 3; i++) await accepted({ receivedAt: aMoment - 3 + i });
      expect(await claimFrom(store.ledger, { limit: 2 })).toHaveLength(2);
      expect(await claimFrom(store.ledger, { limit: 2 })).toHaveLength(1);
      expect(await claimFrom(store.ledger, { limit: 2 })).toEqual([]);
    });

    test("a limit of nothing claims nothing", async () => {
      await accepted();
      expect(await claimFrom(store.ledger, { limit: 0 })).toEqual([]);
    });

    test("within one claim a person is there once", async () => {
      const first = await accepted({ person: "p", receivedAt: aMoment - 2 });
      await accepted({ person: "p", receivedAt: aMoment - 1 });
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([first.id]);
    });

    test("a person under way is not claimed again before that one is settled", async () => {
      await accepted({ person: "p", receivedAt: aMoment - 2 });
      const second = await accepted({ person: "p", receivedAt: aMoment - 1 });
      const claim = await claimOne(store.ledger);
      expect(await claimFrom(store.ledger)).toEqual([]);
      await store.ledger.settle(arrived(claim));
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([second.id]);
    });

    test("a person under way holds back nobody else", async () => {
      await accepted({ person: "p", receivedAt: aMoment - 3 });
      for (let i = 0; i < 5; i++) await accepted({ person: "p", receivedAt: aMoment - 2 });
      const other = await accepted({ person: "q", receivedAt: aMoment - 1 });
      await claimFrom(store.ledger, { limit: 1 });
      expect(leadsOf(await claimFrom(store.ledger, { limit: 1 }))).toEqual([other.id]);
    });

    test("a person under way at one destination is free at another", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead, deliveries: [aDelivery(), aDelivery({ destination: "sheet" })] }));
      await claimOne(store.ledger);
      expect(leadsOf(await claimFrom(store.ledger, { destination: "sheet" }))).toEqual([lead.id]);
    });

    test("leads without a person are claimed together", async () => {
      for (let i = 0; i < 3; i++) await accepted({ person: null });
      expect(await claimFrom(store.ledger)).toHaveLength(3);
    });

    test("a closed gate withholds the delivery with its reason, and no attempt is on record", async () => {
      const lead = await accepted();
      expect(await claimFrom(store.ledger, { gate: () => closedGate })).toEqual([]);
      expect(await deliveryOf(store.ledger, lead.id)).toMatchObject({
        state: "withheld",
        dueAt: null,
        attempts: 0,
        reason: { code: "consent_withdrawn" },
        history: [],
      });
    });

    test("a withheld delivery uses up neither the limit nor its person's turn", async () => {
      const withheld = await accepted({ person: "p", receivedAt: aMoment - 2 });
      const next = await accepted({ person: "p", receivedAt: aMoment - 1 });
      const claims = await claimFrom(store.ledger, {
        limit: 1,
        gate: (lead) => (lead.id === withheld.id ? closedGate : { type: "open", basis: "consent" }),
      });
      expect(leadsOf(claims)).toEqual([next.id]);
    });

    test("the gate sees the consents as they stand at the claim, not as they were at acceptance", async () => {
      const lead = await accepted({ consents: [aConsent()] });
      const withdrawn = aConsent({ action: "withdrawn", source: "api", at: aMoment + 1 });
      await (await store.openSecond()).recordConsent(lead.id, withdrawn, anActor);
      const need = { purpose: "enquiry", basis: "consent" } as const;
      expect(await claimFrom(store.ledger, { gate: ({ consents }) => gate(need, consents) })).toEqual([]);
      expect((await deliveryOf(store.ledger, lead.id)).reason).toMatchObject({ code: "consent_withdrawn" });
    });

    test("a gate that throws leaves everything as it was", async () => {
      const lead = await accepted();
      const broken = () => {
        throw new Error("broken gate");
      };
      await expect(claimFrom(store.ledger, { gate: broken })).rejects.toThrow("broken gate");
      expect(await deliveryOf(store.ledger, lead.id)).toMatchObject({ state: "pending", attempts: 0, history: [] });
    });

    test("a claimed delivery is not claimed again, also after its lease, before it is recovered", async () => {
      await accepted();
      await claimOne(store.ledger);
      expect(await claimFrom(store.ledger, { now: aMoment + leaseMs + 1 })).toEqual([]);
    });

    test("two workers claiming at once never hold the same delivery", async () => {
      await Promise.all(Array.from({ length: 60 }, () => accepted()));
      const second = await store.openSecond();
      const claims = await Promise.all(
        Array.from({ length: 12 }, (_, i) =>
          claimFrom(i % 2 ? second : store.ledger, { limit: 7, worker: `worker-${i % 2}` }),
        ),
      );
      const ids = leadsOf(claims.flat());
      expect(ids).toHaveLength(60);
      expect(new Set(ids).size).toBe(60);
    });
  });

  describe("nextDue", () => {
    const store = useLedger(open);

    test("nothing pending is due never", async () => {
      expect(await store.ledger.nextDue("crm")).toBeNull();
    });

    test("the earliest of new deliveries and retries counts, at this destination only", async () => {
      await store.ledger.accept(anEntry());
      await store.ledger.settle(putOff(await claimOne(store.ledger), { dueAt: aMoment + 500 }));
      expect(await store.ledger.nextDue("crm")).toBe(aMoment + 500);
      await store.ledger.accept(anEntry({ lead: aLead({ receivedAt: aMoment + 900 }) }));
      await store.ledger.accept(anEntry({ deliveries: [aDelivery({ destination: "sheet" })] }));
      expect(await store.ledger.nextDue("crm")).toBe(aMoment + 500);
    });

    test("what is claimed is not due", async () => {
      await store.ledger.accept(anEntry());
      await claimOne(store.ledger);
      expect(await store.ledger.nextDue("crm")).toBeNull();
    });
  });
}
