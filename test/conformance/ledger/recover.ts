import { describe, expect, test } from "vitest";
import type { Settlement } from "../../../src/ledger/ledger.ts";
import type { Delivery } from "../../../src/model/delivery.ts";
import { aMoment, anEntry } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { claimOne, deliveryOf, leaseMs } from "./steps.ts";

export function describeRecover(open: OpenLedger): void {
  describe("recover", () => {
    const store = useLedger(open);
    const reason = { code: "interrupted", message: "the attempt was interrupted" };
    const nobodyIsDead = () => false;

    function settle({ tries }: Delivery): Pick<Settlement, "outcome" | "next"> {
      const next = { state: "pending", dueAt: aMoment, tries: tries + 1, uncertain: true, reason } as const;
      return { outcome: { type: "uncertain", reason }, next };
    }

    async function claimed(worker = "worker-1") {
      await store.ledger.accept(anEntry());
      return claimOne(store.ledger, { worker });
    }

    test("a delivery whose lease is over is claimed again as uncertain, with the next number", async () => {
      const { lead } = await claimed();
      expect(await store.ledger.recover({ now: aMoment + leaseMs + 1, isDead: nobodyIsDead, settle })).toBe(1);
      expect(await deliveryOf(store.ledger, lead.id)).toMatchObject({ state: "pending", uncertain: true, tries: 1 });
      expect((await claimOne(store.ledger)).delivery).toMatchObject({ attempts: 2, uncertain: true });
    });

    test("the interrupted attempt is completed as uncertain, with the time that has passed", async () => {
      const { lead } = await claimed();
      await store.ledger.recover({ now: aMoment + leaseMs + 1, isDead: nobodyIsDead, settle });
      expect((await deliveryOf(store.ledger, lead.id)).history).toEqual([
        {
          n: 1,
          startedAt: aMoment,
          durationMs: leaseMs + 1,
          outcome: "uncertain",
          status: null,
          reason,
          basis: "consent",
        },
      ]);
    });

    test("a dead worker's delivery is recovered before its lease is over, a live one's is left alone", async () => {
      const dead = await claimed("worker-dead");
      const live = await claimed("worker-live");
      const isDead = (worker: string) => worker === "worker-dead";
      expect(await store.ledger.recover({ now: aMoment + 1, isDead, settle })).toBe(1);
      expect((await deliveryOf(store.ledger, dead.lead.id)).state).toBe("pending");
      expect((await deliveryOf(store.ledger, live.lead.id)).state).toBe("claimed");
    });

    test("a lease given while the clock was ahead ends no later than the longest may", async () => {
      await store.ledger.accept(anEntry());
      const { lead } = await claimOne(store.ledger, { now: aMoment + 86_400_000 });
      const longestLeaseMs = 2 * leaseMs;
      expect(await store.ledger.recover({ now: aMoment, longestLeaseMs, isDead: nobodyIsDead, settle })).toBe(0);
      const later = aMoment + longestLeaseMs + 1;
      expect(await store.ledger.recover({ now: later, longestLeaseMs, isDead: nobodyIsDead, settle })).toBe(1);
      expect((await deliveryOf(store.ledger, lead.id)).state).toBe("pending");
    });

    test("the decision is asked with the delivery as it stands", async () => {
      const claim = await claimed();
      await store.ledger.saveProgress({ deliveryId: claim.delivery.id, n: 1 }, { person: "17" });
      const asked: Delivery[] = [];
      await store.ledger.recover({
        now: aMoment + leaseMs + 1,
        isDead: nobodyIsDead,
        settle: (delivery) => {
          asked.push(delivery);
          return settle(delivery);
        },
      });
      expect(asked.at(-1)).toEqual({ ...claim.delivery, progress: { person: "17" } });
    });

    test("the decision may be the end: then it is dead", async () => {
      const { lead } = await claimed();
      await store.ledger.recover({
        now: aMoment + leaseMs + 1,
        isDead: nobodyIsDead,
        settle: () => ({ outcome: { type: "uncertain", reason }, next: { state: "dead", tries: 12, reason } }),
      });
      expect(await deliveryOf(store.ledger, lead.id)).toMatchObject({ state: "dead", tries: 12, reason });
    });

    test("nothing is recovered twice", async () => {
      await claimed();
      const second = await store.openSecond();
      const request = { now: aMoment + leaseMs + 1, isDead: nobodyIsDead, settle };
      const counts = await Promise.all([store.ledger.recover(request), second.recover(request)]);
      expect(counts.toSorted()).toEqual([0, 1]);
    });

    test("after a restart the attempts of the process before are recovered", async () => {
      const { lead } = await claimed();
      const ledger = await store.reopen();
      expect(await ledger.recover({ now: aMoment + 1, isDead: () => true, settle })).toBe(1);
      expect(await deliveryOf(ledger, lead.id)).toMatchObject({ state: "pending", uncertain: true });
    });
  });
}
