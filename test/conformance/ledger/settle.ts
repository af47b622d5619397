import { describe, expect, test } from "vitest";
import { deliveryIdOf } from "../../../src/model/id.ts";
import { aLead, aMoment, anEntry } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, deliveryOf, leaseMs, putOff, serverTrouble } from "./steps.ts";

export function describeSettle(open: OpenLedger): void {
  describe("settle", () => {
    const store = useLedger(open);

    async function claimed() {
      await store.ledger.accept(anEntry());
      return claimOne(store.ledger);
    }

    test("a delivered one keeps its ref and warnings, and its attempt is completed", async () => {
      const claim = await claimed();
      expect(await store.ledger.settle(arrived(claim))).toBe(true);
      const delivery = await deliveryOf(store.ledger, claim.lead.id);
      expect(delivery).toMatchObject({
        state: "delivered",
        dueAt: null,
        ref: "there-1",
        warnings: ["one"],
        reason: null,
        uncertain: false,
      });
      expect(delivery.history).toEqual([
        {
          n: 1,
          startedAt: aMoment,
          durationMs: 120,
          outcome: "delivered",
          status: 201,
          reason: null,
          basis: "consent",
        },
      ]);
    });

    test("one put off is pending with its due time, tries and reason, and its attempt is completed", async () => {
      const claim = await claimed();
      expect(await store.ledger.settle(putOff(claim))).toBe(true);
      expect(await deliveryOf(store.ledger, claim.lead.id)).toMatchObject({
        state: "pending",
        dueAt: aMoment + 60_000,
        tries: 1,
        attempts: 1,
        firstTryAt: aMoment,
        uncertain: false,
        reason: serverTrouble,
        history: [{ n: 1, outcome: "retry", durationMs: 120, status: 503, reason: serverTrouble }],
      });
    });

    test("one that may have arrived says so to the next attempt, and no longer once that is settled", async () => {
      await store.ledger.settle(putOff(await claimed(), { uncertain: true, dueAt: aMoment }));
      const second = await claimOne(store.ledger);
      expect(second.delivery.uncertain).toBe(true);
      await store.ledger.settle(putOff(second, { uncertain: false }));
      expect((await deliveryOf(store.ledger, second.lead.id)).uncertain).toBe(false);
    });

    test("a dead one keeps its tries and reason and is not due", async () => {
      const claim = await claimed();
      expect(await store.ledger.settle(buried(claim))).toBe(true);
      expect(await deliveryOf(store.ledger, claim.lead.id)).toMatchObject({
        state: "dead",
        dueAt: null,
        tries: 1,
        reason: { code: "rejected", message: "answered 422", status: 422 },
        history: [{ n: 1, outcome: "rejected", status: 422 }],
      });
      expect(await store.ledger.nextDue("crm")).toBeNull();
    });

    test("one that died of an uncertain attempt is still uncertain when a person replays it", async () => {
      const claim = await claimed();
      await store.ledger.settle({ ...buried(claim), outcome: { type: "uncertain", reason: serverTrouble } });
      await store.ledger.replay({ ids: [claim.delivery.id] }, { now: aMoment, actor: anActor });
      expect((await claimOne(store.ledger)).delivery.uncertain).toBe(true);
    });

    test.each([
      ["waits for its retry", putOff],
      ["is dead", buried],
    ] as const)(
      "an older lead of the same person that %s is superseded once a newer one is delivered",
      async (_, first) => {
        const [old, other, newer] = [aLead({ person: "p" }), aLead({ person: "q" }), aLead({ person: "p" })];
        await store.ledger.accept(anEntry({ lead: old }));
        await store.ledger.accept(anEntry({ lead: other }));
        for (const claim of await claimFrom(store.ledger, { limit: 2 })) await store.ledger.settle(first(claim));
        await store.ledger.accept(anEntry({ lead: newer }));
        await store.ledger.settle(arrived(await claimOne(store.ledger)));
        const marks = await Promise.all([old, other, newer].map(({ id }) => deliveryOf(store.ledger, id)));
        expect(marks.map(({ superseded }) => superseded)).toEqual([true, false, false]);
      },
    );

    test("an attempt that cost no try leaves the first counted one to come", async () => {
      await store.ledger.settle(putOff(await claimed(), { tries: 0, dueAt: aMoment }));
      const second = await claimOne(store.ledger, { now: aMoment + 1_000 });
      expect(second.delivery).toMatchObject({ tries: 0, firstTryAt: aMoment + 1_000 });
      await store.ledger.settle(putOff(second, { tries: 1, dueAt: aMoment }));
      const third = await claimOne(store.ledger, { now: aMoment + 2_000 });
      expect(third.delivery).toMatchObject({ tries: 1, firstTryAt: aMoment + 1_000 });
    });

    test("a second settlement of one attempt changes nothing", async () => {
      const claim = await claimed();
      await store.ledger.settle(arrived(claim));
      const before = await deliveryOf(store.ledger, claim.lead.id);
      expect(await store.ledger.settle(buried(claim))).toBe(false);
      expect(await deliveryOf(store.ledger, claim.lead.id)).toEqual(before);
    });

    test("an attempt is settled once, also when two handles try at once", async () => {
      const claim = await claimed();
      const second = await store.openSecond();
      const settled = await Promise.all([store.ledger.settle(arrived(claim)), second.settle(buried(claim))]);
      expect(settled.toSorted()).toEqual([false, true]);
    });

    test("an older attempt settles nothing while a newer one is under way", async () => {
      const first = await claimed();
      await store.ledger.settle(putOff(first, { dueAt: aMoment }));
      await claimOne(store.ledger);
      const before = await deliveryOf(store.ledger, first.lead.id);
      expect(await store.ledger.settle(arrived(first))).toBe(false);
      expect(await deliveryOf(store.ledger, first.lead.id)).toEqual(before);
    });

    test("an attempt that was recovered settles nothing", async () => {
      const claim = await claimed();
      const now = aMoment + leaseMs + 1;
      await store.ledger.recover({ now, isDead: () => false, settle: () => putOff(claim, { uncertain: true }) });
      const before = await deliveryOf(store.ledger, claim.lead.id);
      expect(await store.ledger.settle(arrived(claim))).toBe(false);
      expect(await deliveryOf(store.ledger, claim.lead.id)).toEqual(before);
    });

    test("an attempt never begun, or of an unknown delivery, settles nothing", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      const settlement = arrived(await claimOne(store.ledger));
      expect(await store.ledger.settle({ ...settlement, n: 2 })).toBe(false);
      expect(await store.ledger.settle({ ...settlement, deliveryId: deliveryIdOf(aLead().id, "crm") })).toBe(false);
      expect(await deliveryOf(store.ledger, lead.id)).toMatchObject({ state: "claimed", attempts: 1 });
    });
  });

  describe("saveProgress", () => {
    const store = useLedger(open);

    async function claimed() {
      await store.ledger.accept(anEntry());
      return claimOne(store.ledger);
    }

    test("progress saved is there on the next attempt, after a restart too", async () => {
      const claim = await claimed();
      const { id: deliveryId, attempts: n } = claim.delivery;
      expect(await store.ledger.saveProgress({ deliveryId, n }, { person: "17", steps: ["person"] })).toBe(true);
      await store.ledger.settle(putOff(claim, { dueAt: aMoment }));
      const next = await claimOne(await store.reopen());
      expect(next.delivery.progress).toEqual({ person: "17", steps: ["person"] });
    });

    test("a delivered one keeps no progress", async () => {
      const claim = await claimed();
      await store.ledger.saveProgress({ deliveryId: claim.delivery.id, n: 1 }, { person: "17" });
      await store.ledger.settle(arrived(claim));
      expect((await deliveryOf(store.ledger, claim.lead.id)).progress).toBeNull();
    });

    test("an attempt that lost its lease saves nothing", async () => {
      const first = await claimed();
      await store.ledger.settle(putOff(first, { dueAt: aMoment }));
      const [second] = await claimFrom(store.ledger);
      const { id: deliveryId } = first.delivery;
      await store.ledger.saveProgress({ deliveryId, n: 2 }, "newer");
      expect(await store.ledger.saveProgress({ deliveryId, n: 1 }, "older")).toBe(false);
      expect((await deliveryOf(store.ledger, first.lead.id)).progress).toBe("newer");
      if (second) await store.ledger.settle(buried(second));
      expect(await store.ledger.saveProgress({ deliveryId, n: 2 }, "late")).toBe(false);
      expect((await deliveryOf(store.ledger, first.lead.id)).progress).toBe("newer");
    });
  });
}
