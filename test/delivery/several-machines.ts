import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Destination } from "../../src/model/destination.ts";
import type { LeadId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { aDestination, aMachine, aSink, type Machine, oneCall, type Sink } from "../support/machines.ts";
import { until } from "../support/until.ts";

const hourMs = 3_600_000;
const down: Outcome = { type: "retry", reason: { code: "server_error", message: "answered 503", status: 503 } };
const gone = { code: "worker_lost", message: "gone" };

/** A store several machines deliver from, and how to get another handle on it. */
export type SharedStore = { open(): Promise<Ledger>; cleanup(): Promise<void> };

/** Holds the lanes of two machines on one store to what must be one across machines. */
export function describeSeveralMachines(name: string, openStore: () => Promise<SharedStore>): void {
  describe(`several machines on ${name}`, () => {
    let store: SharedStore;
    let ledger: Ledger;
    let machines: Machine[] = [];
    beforeEach(async () => {
      store = await openStore();
      ledger = await store.open();
      machines = [];
    });
    afterEach(async () => {
      for (const machine of machines) machine.wake();
      await Promise.all(machines.map(({ lanes }) => lanes.stop({ graceMs: 2_000 })));
      await store.cleanup();
    });

    /** A machine at work, its clock so far ahead. */
    async function aMachineAtWork(destination: Destination, sink: Sink, skewMs = 0): Promise<Machine> {
      const machine = aMachine(await store.open(), destination, sink, { skewMs });
      machines.push(machine);
      await machine.lanes.start();
      return machine;
    }

    async function twoMachines(destination: Destination, sink: Sink, [one = 0, two = 0]: readonly number[] = []) {
      return [await aMachineAtWork(destination, sink, one), await aMachineAtWork(destination, sink, two)] as const;
    }

    const deliveryOf = async (lead: LeadId) => {
      const delivery = (await ledger.findLead(lead))?.deliveries[0];
      if (!delivery) throw new Error(`no delivery of ${lead}`);
      return delivery;
    };
    const allDelivered = (leads: readonly LeadId[]) =>
      until(async () => (await Promise.all(leads.map(deliveryOf))).every(({ state }) => state === "delivered"), 25_000);

    for (const [clocks, skews] of [
      ["right", [0, 0]],
      ["two hours apart", [hourMs, -hourMs]],
    ] as const) {
      test(`together they keep to the pace of one, with clocks ${clocks}`, async () => {
        const pace = { limit: 20, intervalMs: 1_000 };
        const sink = aSink();
        const [ada, bob] = await twoMachines(aDestination(oneCall, { pace }), sink, skews);
        await allDelivered((await Promise.all([ada.post(25), bob.post(25)])).flat());
        expect(sink.calls).toHaveLength(50);
        expect(mostWithin(pace.intervalMs, sink.calls)).toBeLessThanOrEqual(pace.limit);
      });

      test(`a lane with one writer has one at a time, with clocks ${clocks}`, async () => {
        const sink = aSink(10);
        const [ada, bob] = await twoMachines(aDestination(oneCall, { concurrency: 1 }), sink, skews);
        await allDelivered((await Promise.all([ada.post(15), bob.post(15)])).flat());
        expect([sink.calls.length, sink.most()]).toEqual([30, 1]);
      });
    }

    test("what one machine was told to wait holds the others", async () => {
      const sink = aSink();
      let told = false;
      const destination = aDestination(async (context) => {
        await oneCall(context);
        if (told) return { type: "delivered" };
        told = true;
        return { type: "retry", reason: { code: "rate_limited", message: "answered 429" }, waitMs: 1_500 };
      });
      const [ada, bob] = await twoMachines(destination, sink);
      const [first] = await ada.post();
      await until(async () => first && (await deliveryOf(first)).history[0]?.outcome);
      // What others were told is looked for some times a second.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await allDelivered(await bob.post(5));
      const [toldAt = 0, ...later] = sink.calls;
      expect(Math.min(...later) - toldAt).toBeGreaterThan(1_400);
    });

    test("while the destination is down one probe at a time goes out from all of them together", async () => {
      const sink = aSink(100);
      let isDown = true;
      const destination = aDestination(async (context) => {
        await oneCall(context);
        return isDown ? down : { type: "delivered" };
      });
      const [ada, bob] = await twoMachines(destination, sink);
      const leads = (await Promise.all([ada.post(10), bob.post(10)])).flat();
      await until(() => machines.every(({ lanes }) => lanes.status()[0]?.open && lanes.status()[0]?.underWay === 0));
      sink.forget();
      await until(() => sink.calls.length >= 2);
      isDown = false;
      expect([sink.calls.length, sink.most()]).toEqual([2, 1]);
      await allDelivered(leads);
    });

    test("failures seen by different machines open the breaker of both", async () => {
      const sink = aSink();
      const destination = aDestination(
        async (context) => {
          await oneCall(context);
          return down;
        },
        { schedule: "60s", concurrency: 2 },
      );
      const [ada, bob] = await twoMachines(destination, sink);
      for (const machine of [ada, bob, ada, bob, ada]) {
        const [lead] = await machine.post();
        await until(async () => lead && (await deliveryOf(lead)).history[0]?.outcome);
      }
      await until(() => machines.every(({ lanes }) => lanes.status()[0]?.open));
    });

    test("a machine that freezes in its turn is followed by another, and writes nothing when it wakes", async () => {
      const sink = aSink();
      let frozen: Machine | null = null;
      const destination = aDestination(
        async (context) => {
          await oneCall(context);
          if (context.attempt === 1 && frozen === null) {
            frozen = machines[0] ?? null;
            frozen?.freeze();
          }
          return oneCall(context);
        },
        { concurrency: 1 },
      );
      const ada = await aMachineAtWork(destination, sink);
      const [stuck] = await ada.post();
      await until(() => frozen);
      const bob = await aMachineAtWork(destination, sink);
      const others = await bob.post(3);
      expect(sink.calls).toHaveLength(1);
      await passTime();
      await allDelivered([...(stuck ? [stuck] : []), ...others]);
      const before = sink.calls.length;
      ada.wake();
      await ada.lanes.stop({ graceMs: 5_000 });
      expect(sink.calls.length).toBe(before);
      const outcomes = stuck ? (await deliveryOf(stuck)).history.map(({ outcome }) => outcome) : [];
      expect(outcomes).toEqual(["uncertain", "delivered"]);
    });

    test("a lead whose machine is gone right after it was kept is brought by another", async () => {
      const sink = aSink();
      const [ada] = await twoMachines(aDestination(oneCall), sink);
      await ada.lanes.stop({ graceMs: 0 });
      await allDelivered(await ada.post(3));
    });

    /** As if the leases of whoever is frozen were over. */
    async function passTime(): Promise<void> {
      await ledger.together.change("lease", "lane:crm", (note) =>
        note ? { note: { ...note, until: 0 }, answer: undefined } : { answer: undefined },
      );
      await ledger.recover({
        now: Date.now() + hourMs,
        isDead: (worker) => worker.length > 0,
        settle: ({ tries }) => ({
          outcome: { type: "uncertain", reason: gone },
          next: { state: "pending", dueAt: Date.now(), tries: tries + 1, uncertain: true, reason: gone },
        }),
      });
    }
  });
}

/** The most calls any interval of this length has seen. */
function mostWithin(intervalMs: number, calls: readonly number[]): number {
  return Math.max(...calls.map((from) => calls.filter((at) => at >= from && at < from + intervalMs).length));
}
