import { describe, expect, test as plainTest } from "vitest";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import type { Fault, Received } from "../../src/sandbox/index.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { deliveredOf, readBack } from "../support/read-back.ts";
import { until } from "../support/until.ts";

/** One kind of destination, as `leadkeep start` makes it from variables alone, before its sandbox vendor. */
export type Subject = {
  /** The id it has when it is made from variables. */
  id: string;
  /** What makes it, and no other destination. */
  variables(sandbox: Sandbox): Record<string, string>;
  vendor(sandbox: Sandbox): { received: readonly Received[]; setFault(fault: Fault | null): void };
  /** How many records of this lead the vendor holds. */
  holds(sandbox: Sandbox, record: LeadRecord): number;
  /** True when the vendor can be asked or keyed, so that a lost answer leaves one record; false where only the id repeats. */
  once: boolean;
  /** What must never be told: not in reasons, logs or addresses. */
  secrets: string[];
  /** Switches the vendor needs for tests in a hurry. */
  prepare?(sandbox: Sandbox): void;
  /** For kinds that can read back: what people do to what a lead has become there. `merge`: into another, as they do by hand. */
  readsBack?: {
    remove(sandbox: Sandbox, record: LeadRecord): void;
    merge?(sandbox: Sandbox, record: LeadRecord): void;
    /** Most requests for a hundred leads that are all there. @default not asked: the pace does not bring so many in a moment */
    mostCalls?: number;
  };
};

/** Values a visitor sent or the operator set, none of which may turn up in reasons, logs or addresses. */
const marked = {
  email: "marked+person@example.com",
  phone: "+442079460018",
  name: "Marked Person",
  message: "marked message",
};
const schedule = Array(12).fill("60ms").join(",");

/** What one test has for itself. */
type Place = {
  sandbox: Sandbox;
  gateway: TestGateway;
  /** What the gateway logged. */
  lines: string[];
  /** Follows a lead until it is delivered or given up. */
  arrived(lead: string): Promise<Arrived>;
  /** Posts one and follows it. */
  arrive(fields?: Record<string, unknown>): Promise<Arrived>;
  /** The vendor fails in this way for a while; the lead arrives all the same. */
  arriveThrough(fault: Fault): Promise<Arrived>;
};
type Arrived = { delivery: LeadRecord["deliveries"][number]; record: LeadRecord };

/**
 * The rules every destination keeps (docs/destinations.md), held against a vendor that fails in every way it can. Each
 * test has a vendor and a gateway of its own, so that those that mostly wait (for a time-out, or as they are told) wait together.
 */
export function describeDestination(name: string, subject: Subject): void {
  describe(name, () => {
    const test = plainTest.extend<{ place: Place }>({
      place: async ({ onTestFinished }, use) => {
        const { close, ...place } = await aPlace(subject);
        onTestFinished(close);
        await use(place);
      },
    });

    test("a lead arrives, once", async ({ place: { sandbox, arrive } }) => {
      const { delivery, record } = await arrive();
      expect([delivery.state, subject.holds(sandbox, record)]).toEqual(["delivered", 1]);
    });

    test("an e-mail address with every character it may hold arrives", async ({ place: { sandbox, arrive } }) => {
      const { delivery, record } = await arrive({ email: "o'neil/a#b+c%20d&e=f?g@exämple.com" });
      expect([delivery.state, subject.holds(sandbox, record)]).toEqual(["delivered", 1]);
    });

    test.concurrent.for<[string, Fault]>([
      ["answers 500", { type: "status", status: 500, times: 2 }],
      ["answers 503", { type: "status", status: 503, headers: { "retry-after": "0" }, times: 1 }],
      ["answers 408", { type: "status", status: 408, times: 1 }],
      ["resets connections", { type: "reset", when: "before", times: 2 }],
      ["hangs", { type: "hang", applied: false, times: 1 }],
    ])(
      "while the vendor %s the lead waits, and then arrives once",
      async ([, fault], { place: { sandbox, arriveThrough } }) => {
        const { delivery, record } = await arriveThrough(fault);
        expect([delivery.state, subject.holds(sandbox, record)]).toEqual(["delivered", 1]);
        expect(delivery.history.length).toBeGreaterThan(1);
      },
    );

    test.concurrent("being told to wait costs no try", async ({ place: { arriveThrough } }) => {
      const { delivery } = await arriveThrough({
        type: "status",
        status: 429,
        headers: { "retry-after": "1" },
        times: 1,
      });
      expect([delivery.state, delivery.tries]).toEqual(["delivered", 0]);
      expect(delivery.history[0]?.reason?.code).toBe("rate_limited");
    });

    test.concurrent.for<[string, Fault]>([
      ["is lost on the way back", { type: "reset", when: "after", times: 1 }],
      ["never comes", { type: "hang", applied: true, times: 1 }],
    ])(
      "when the answer %s, the vendor ends with the lead once in effect",
      async ([, fault], { place: { sandbox, arriveThrough } }) => {
        const { delivery, record } = await arriveThrough(fault);
        expect(delivery.state).toBe("delivered");
        expect(
          delivery.history.slice(0, -1).every(({ outcome }) => outcome === "uncertain" || outcome === "retry"),
        ).toBe(true);
        if (subject.once) {
          expect(subject.holds(sandbox, record)).toBe(1);
        } else {
          const ids = subject.vendor(sandbox).received.map(({ headers }) => headers["idempotency-key"]);
          expect(new Set(ids)).toEqual(new Set([delivery.id]));
        }
      },
    );

    test.concurrent("an endless answer and one that drips for ever end in time", async ({
      place: { arriveThrough },
    }) => {
      for (const fault of [
        { type: "endless", times: 1 },
        { type: "drip", intervalMs: 20, times: 1 },
      ] as const) {
        const { delivery } = await arriveThrough(fault);
        expect(delivery.state).toBe("delivered");
      }
    });

    test("a 2xx whose answer cannot be read is not taken for more than it is", async ({
      place: { sandbox, arriveThrough },
    }) => {
      const { delivery, record } = await arriveThrough({ type: "garbage", times: subject.once ? 3 : 1 });
      expect([delivery.state, subject.holds(sandbox, record)]).toEqual(["delivered", 1]);
    });

    test("bad credentials pause the lane and cost no try; what waits goes out after a resume", async ({
      place: { sandbox, gateway },
    }) => {
      subject.vendor(sandbox).setFault({ type: "status", status: 401 });
      const leads = [await gateway.post(aPerson()), await gateway.post(aPerson())];
      const [pause] = await until(async () => {
        const pauses = await gateway.gateway.ledger.pauses();
        return pauses.length > 0 && pauses;
      });
      expect(pause).toMatchObject({ destination: subject.id, by: "machine" });
      subject.vendor(sandbox).setFault(null);
      await gateway.gateway.ledger.resume(subject.id, { now: Date.now(), actor: { type: "command", name: "test" } });
      for (const lead of leads) expect((await gateway.delivery(lead, subject.id, "delivered")).tries).toBe(0);
    });

    test("a redirect is not followed", async ({ place: { sandbox, gateway } }) => {
      subject.vendor(sandbox).setFault({ type: "redirect", location: "http://127.0.0.1:9/" });
      await gateway.post(aPerson());
      await until(async () => (await gateway.gateway.ledger.pauses()).length > 0);
    });

    if (subject.readsBack) describeReadBack(subject.readsBack);

    function describeReadBack({ remove, merge, mostCalls }: NonNullable<Subject["readsBack"]>): void {
      async function look({ gateway }: TestGateway, records: readonly LeadRecord[], timeoutMs?: number) {
        const { destinations } = gateway.options;
        const destination = destinations.find(({ id }) => id === subject.id);
        if (!destination?.readBack) throw new Error("it cannot read back");
        const deliveries = records.map((record) => deliveredOf(record, subject.id));
        return readBack(destination, deliveries, timeoutMs === undefined ? {} : { timeoutMs });
      }
      const looked = (sandbox: Sandbox) =>
        subject.vendor(sandbox).received.filter(({ path }) => !path.endsWith("/token"));

      test("read back, a delivered lead is seen and one that a person has deleted is missing, and nothing is changed", async ({
        place: { sandbox, gateway, arrive },
      }) => {
        const there = (await arrive()).record;
        const gone = (await arrive()).record;
        remove(sandbox, gone);
        const before = looked(sandbox).length;
        expect(await look(gateway, [there, gone])).toEqual([{ type: "seen" }, { type: "missing" }]);
        expect(
          looked(sandbox)
            .slice(before)
            .filter(({ applied }) => applied),
        ).toEqual([]);
      });

      test.runIf(merge)(
        "read back, a lead that people have merged into another is seen under that one's id",
        async ({ place: { sandbox, gateway, arrive } }) => {
          const { record, delivery } = await arrive();
          merge?.(sandbox, record);
          const [presence] = await look(gateway, [record]);
          expect(presence).toMatchObject({ type: "seen", as: expect.any(String) });
          expect(presence).not.toMatchObject({ as: delivery.ref });
        },
      );

      test("read back while the vendor is in trouble, nobody is called missing", async ({
        place: { sandbox, gateway, arrive },
      }) => {
        const there = (await arrive()).record;
        const gone = (await arrive()).record;
        remove(sandbox, gone);
        const troubles: Fault[] = [
          ...[401, 403, 404, 400, 500, 502, 503].map((status): Fault => ({ type: "status", status })),
          { type: "status", status: 403, body: "<html>no</html>" },
          { type: "reset", when: "before" },
          { type: "reset", when: "after" },
          { type: "garbage" },
          { type: "hang", applied: true },
          { type: "redirect", location: "http://127.0.0.1:9/" },
        ];
        for (const fault of troubles) {
          subject.vendor(sandbox).setFault(fault);
          const told = await look(gateway, [there, gone], 500);
          expect([fault, told.map((presence) => presence?.type)]).toEqual([fault, ["unknown", "unknown"]]);
        }
        subject.vendor(sandbox).setFault({ type: "status", status: 429, headers: { "retry-after": "17" } });
        for (const presence of await look(gateway, [there, gone]))
          expect(presence).toMatchObject({ type: "unknown", reason: { code: "rate_limited" }, waitMs: 17_000 });
      }, 30_000);

      test.runIf(mostCalls)(
        `read back, a hundred leads take at most ${mostCalls} requests`,
        async ({ place: { sandbox, gateway, arrived } }) => {
          const leads = await Promise.all(Array.from({ length: 100 }, () => gateway.post(aPerson())));
          const records: LeadRecord[] = [];
          for (const lead of leads) records.push((await arrived(lead)).record);
          const before = looked(sandbox).length;
          expect(await look(gateway, records)).toEqual(Array(100).fill({ type: "seen" }));
          expect(looked(sandbox).length - before).toBeLessThanOrEqual(mostCalls ?? 0);
        },
        60_000,
      );
    }

    test("reasons, logs and addresses hold nothing a person typed and no secret", async ({
      place: { sandbox, lines, arrive },
    }) => {
      subject.vendor(sandbox).setFault({ type: "status", status: 500, body: JSON.stringify(marked), times: 2 });
      const { delivery } = await arrive(marked);
      subject.vendor(sandbox).setFault({ type: "status", status: 422, body: JSON.stringify(marked) });
      const refused = await arrive(marked);
      const told = JSON.stringify([delivery.history, refused.delivery.history, refused.delivery.reason, lines]);
      const paths = subject
        .vendor(sandbox)
        .received.map(({ path }) => decodeURIComponent(path))
        .join("\n");
      for (const value of Object.values(marked)) expect(told).not.toContain(value);
      for (const value of subject.secrets) expect(`${told}${paths}`).not.toContain(value);
    });
  });
}

async function aPlace(subject: Subject): Promise<Place & { close(): Promise<void> }> {
  const sandbox = await startSandbox();
  subject.prepare?.(sandbox);
  const lines: string[] = [];
  const note = (...line: unknown[]) => void lines.push(JSON.stringify(line));
  const log = { info: note, warn: note, error: note };
  const variables = { LEADKEEP_TIMEOUT: "1500ms", LEADKEEP_SCHEDULE: schedule, ...subject.variables(sandbox) };
  const gateway = await aGateway({ variables, log });

  async function arrived(lead: string): Promise<Arrived> {
    const delivery = await gateway.delivery(lead, subject.id, "delivered", "dead");
    return { delivery, record: await gateway.record(lead) };
  }

  const arrive = async (fields = {}) => arrived(await gateway.post(aPerson(fields)));

  return {
    sandbox,
    gateway,
    lines,
    arrived,
    arrive,
    arriveThrough(fault) {
      subject.vendor(sandbox).setFault(fault);
      return arrive();
    },
    async close() {
      await gateway.close();
      await sandbox.close();
    },
  };
}
