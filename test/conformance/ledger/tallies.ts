import fc from "fast-check";
import { v7 as uuidv7 } from "uuid";
import { describe, expect, test } from "vitest";
import {
  type AttemptTally,
  type Claim,
  type LeadRecord,
  type LeadTally,
  type Ledger,
  waitBounds,
} from "../../../src/ledger/ledger.ts";
import type { Lead } from "../../../src/model/lead.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, leaseMs, listed, putOff } from "./steps.ts";

const hourMs = 3_600_000;
const request = { now: aMoment, actor: anActor };

/** A lead kept at this moment, which its id says too. */
function aLeadAt(receivedAt: number, overrides: Partial<Lead> = {}): Lead {
  return aLead({ id: `lead_${uuidv7({ msecs: receivedAt })}`, receivedAt, ...overrides });
}

function from(source: string): Partial<Lead> {
  return { attribution: { ...aLead().attribution, parameters: { utm_source: source } } };
}

export function describeTallies(open: OpenLedger): void {
  describe("leadTallies", () => {
    const store = useLedger(open);
    const accept = (lead: Lead, key: string | null = null) => store.ledger.accept(anEntry({ lead, key }));

    test("an empty store has none", async () => {
      expect(await store.ledger.leadTallies(0)).toEqual([]);
    });

    test("leads are counted by hour, form and source", async () => {
      const hour = hourOf(aMoment);
      await accept(aLeadAt(hour, from("google")));
      await accept(aLeadAt(hour + hourMs - 1, from("google")));
      await accept(aLeadAt(hour + hourMs));
      await accept(aLeadAt(hour, { form: "quote" }));
      expect((await store.ledger.leadTallies(0)).toSorted(byText)).toEqual(
        [
          { hour, form: "contact", source: "google", count: 2 },
          { hour, form: "quote", source: "", count: 1 },
          { hour: hour + hourMs, form: "contact", source: "", count: 1 },
        ].toSorted(byText),
      );
      expect(await store.ledger.leadTallies(hour + hourMs)).toHaveLength(1);
    });

    test("a repeat of a submission is not counted again", async () => {
      await accept(aLeadAt(aMoment), "key");
      await accept(aLeadAt(aMoment), "key");
      expect(await store.ledger.leadTallies(0)).toMatchObject([{ count: 1 }]);
    });

    test("a write that fails beside them does not have the others counted twice, nor itself", async () => {
      const lead = aLeadAt(aMoment);
      const results = await Promise.allSettled([accept(lead), accept(aLeadAt(aMoment)), accept(lead)]);
      expect(results.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected"]);
      expect(await store.ledger.leadTallies(0)).toMatchObject([{ count: 2 }]);
      expect(await store.ledger.forms()).toMatchObject([{ leads: 2 }]);
    });

    test("what two handles count adds up", async () => {
      const second = await store.openSecond();
      for (const ledger of [store.ledger, second, store.ledger]) {
        await ledger.accept(anEntry({ lead: aLeadAt(aMoment) }));
      }
      expect(await second.leadTallies(0)).toMatchObject([{ count: 3 }]);
    });

    test("a lead that is released, erased or ended stays counted", async () => {
      const [spam, gone, old] = [aLeadAt(aMoment, { state: "quarantined" }), aLeadAt(aMoment), aLeadAt(aMoment)];
      for (const lead of [spam, gone, old]) await accept(lead);
      await store.ledger.releaseLeads([spam.id], request);
      await store.ledger.erase([gone.id], { ...request, tombstones: [], followUps: () => [] });
      const expiry = { what: "leads", form: "contact", state: "active", before: aMoment + 1 } as const;
      await store.ledger.expire(expiry, { ...request, limit: 10 });
      expect(await store.ledger.leadTallies(0)).toMatchObject([{ count: 3 }]);
      expect(await store.ledger.leadCounts()).toEqual({ active: 0, quarantined: 0, erased: 1 });
    });
  });

  describe("attemptTallies", () => {
    const store = useLedger(open);

    test("an attempt is counted in the hour it ended in, with its outcome and how long it took", async () => {
      const hour = hourOf(aMoment);
      await store.ledger.accept(anEntry({ lead: aLeadAt(hour) }));
      const claim = await claimOne(store.ledger, { now: hour + hourMs - 100 });
      await store.ledger.settle(putOff(claim));
      expect(await store.ledger.attemptTallies(0)).toEqual([
        { hour: hour + hourMs, destination: "crm", outcome: "retry", wait: null, count: 1, durationMs: 120 },
      ]);
      expect(await store.ledger.attemptTallies(hour + 2 * hourMs)).toEqual([]);
    });

    test.each([
      [0, 1_000],
      [880, 1_000],
      [881, 5_000],
      [600_000 - 120, 600_000],
      [86_400_000 - 120, 86_400_000],
      [86_400_000, null],
    ])("one that arrives after %i ms and its own 120 is counted within %s", async (waitedMs, wait) => {
      await store.ledger.accept(anEntry({ lead: aLeadAt(aMoment) }));
      await store.ledger.settle(arrived(await claimOne(store.ledger, { now: aMoment + waitedMs })));
      expect(await store.ledger.attemptTallies(0)).toMatchObject([{ outcome: "delivered", wait, count: 1 }]);
    });

    test("a settlement that changes nothing is not counted", async () => {
      await store.ledger.accept(anEntry());
      const claim = await claimOne(store.ledger);
      await store.ledger.settle(arrived(claim));
      await store.ledger.settle(arrived(claim));
      expect(await store.ledger.attemptTallies(0)).toMatchObject([{ count: 1 }]);
    });

    test("word of a withdrawal or an erasure is not counted among the leads", async () => {
      const { leadId } = await store.ledger.accept(anEntry({ deliveries: [] }));
      const followUp = { destination: "crm", kind: "webhook", purpose: "enquiry", reason: null } as const;
      await store.ledger.addFollowUp(leadId, { ...followUp, event: "consent.withdrawn" }, { now: aMoment, most: 9 });
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      expect(await store.ledger.attemptTallies(0)).toEqual([]);
      expect(await store.ledger.counts()).toEqual([]);
    });
  });

  describe("counts", () => {
    const store = useLedger(open);

    test("an empty store has none", async () => {
      expect(await store.ledger.counts()).toEqual([]);
      expect(await store.ledger.forms()).toEqual([]);
      expect(await store.ledger.deadLetters()).toEqual([]);
      expect(await store.ledger.leadCounts()).toEqual({ active: 0, quarantined: 0, erased: 0 });
    });

    test("a destination tells since when the oldest waits, and when the last was delivered", async () => {
      for (const at of [0, 1, 2]) await store.ledger.accept(anEntry({ lead: aLeadAt(aMoment + at) }));
      const [first, second] = await claimFrom(store.ledger, { limit: 2, now: aMoment + 10 });
      if (!first || !second) throw new Error("nothing claimed");
      const counts = async () => (await store.ledger.counts())[0];
      expect(await counts()).toMatchObject({ oldestWaiting: aMoment, lastDeliveredAt: null });
      await store.ledger.settle(arrived(first));
      expect(await counts()).toMatchObject({ oldestWaiting: aMoment + 1, lastDeliveredAt: aMoment + 130 });
      await store.ledger.settle(putOff(second));
      expect(await counts()).toMatchObject({ oldestWaiting: aMoment + 1 });
      for (const claim of await claimFrom(store.ledger, { now: aMoment + 120_000 })) {
        await store.ledger.settle(arrived(claim));
      }
      expect(await counts()).toEqual({
        destination: "crm",
        counts: { delivered: 3 },
        oldestWaiting: null,
        lastDeliveredAt: aMoment + 120_120,
      });
    });

    test("a form tells how many leads it has and when the last one came", async () => {
      await store.ledger.accept(anEntry({ lead: aLeadAt(aMoment + 5) }));
      await store.ledger.accept(anEntry({ lead: aLeadAt(aMoment, { state: "quarantined" }) }));
      await store.ledger.accept(anEntry({ lead: aLeadAt(aMoment, { form: "quote" }) }));
      expect(await store.ledger.forms()).toEqual([
        { form: "contact", leads: 2, lastLeadAt: aMoment + 5 },
        { form: "quote", leads: 1, lastLeadAt: aMoment },
      ]);
    });

    test("dead letters are told by destination and cause, with when the oldest and the newest lead were kept", async () => {
      for (const at of [0, 1, 2]) await store.ledger.accept(anEntry({ lead: aLeadAt(aMoment + at) }));
      const [one, two, three] = await claimFrom(store.ledger, { now: aMoment + 10 });
      if (!one || !two || !three) throw new Error("nothing claimed");
      await store.ledger.settle(buried(one));
      await store.ledger.settle(buried(three));
      const reason = { code: "gone", message: "the hook is gone" };
      await store.ledger.settle({ ...buried(two), next: { state: "dead", tries: 1, reason } });
      const cause = { code: "rejected", message: "answered 422", status: 422 };
      expect((await store.ledger.deadLetters()).toSorted((a, b) => a.count - b.count)).toEqual([
        { destination: "crm", reason, count: 1, oldest: aMoment + 1, newest: aMoment + 1 },
        { destination: "crm", reason: cause, count: 2, oldest: aMoment, newest: aMoment + 2 },
      ]);
    });
  });

  describe("tallies and counts, whatever happens", () => {
    test("are what counting every row comes to", { timeout: 180_000 }, async () => {
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 50, size: "max" }), run), {
        numRuns: 30,
      });
    });

    async function run(steps: Step[]): Promise<void> {
      const { ledger, cleanup } = await open();
      const state = { now: aMoment, leads: [] as Lead[], claims: [] as Claim[] };
      const removed: LeadRecord[] = [];
      try {
        for (const each of steps) {
          removed.push(...(await take(each, ledger, state)));
          await adds(ledger, removed);
        }
      } finally {
        await cleanup();
      }
    }
  });
}

const destinations = ["crm", "sheet"] as const;
const destination = fc.constantFrom(...destinations);
const pick = fc.nat(1_000);
const step = fc.oneof(
  fc.record({
    do: fc.constant("accept" as const),
    many: fc.integer({ min: 1, max: 3 }),
    form: fc.constantFrom("contact", "quote"),
    source: fc.constantFrom("", "google"),
    state: fc.constantFrom("active", "active", "quarantined"),
    withheld: fc.boolean(),
  }),
  fc.record({ do: fc.constant("claim" as const), destination }),
  fc.record({ do: fc.constant("settle" as const), pick, to: fc.constantFrom("delivered", "pending", "dead") }),
  fc.record({ do: fc.constant("settle all" as const) }),
  fc.record({ do: fc.constant("cancel" as const), pick, destination }),
  fc.record({ do: fc.constant("consent" as const), pick, action: fc.constantFrom("granted", "withdrawn") }),
  fc.record({ do: fc.constant("replay" as const) }),
  fc.record({ do: fc.constant("release" as const), pick }),
  fc.record({ do: fc.constant("erase" as const), pick }),
  fc.record({ do: fc.constant("expire" as const), form: fc.constantFrom("contact", "quote") }),
  fc.record({ do: fc.constant("resync" as const), destination: fc.constantFrom("crm", "mail") }),
  fc.record({ do: fc.constant("recover" as const) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 10_000, leaseMs + 1, 2 * hourMs) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Answers the leads it removed from the record as they were. */
async function take(
  step: Step,
  ledger: Ledger,
  state: { now: number; leads: Lead[]; claims: Claim[] },
): Promise<LeadRecord[]> {
  const at = { now: state.now, actor: anActor };
  const lead = "pick" in step ? state.leads[step.pick % state.leads.length] : undefined;
  switch (step.do) {
    case "accept": {
      const leads = Array.from({ length: step.many }, () =>
        aLeadAt(state.now, { ...from(step.source), form: step.form, state: step.state as Lead["state"] }),
      );
      const deliveries = destinations.map((id) =>
        step.withheld ? aWithheldDelivery({ destination: id }) : aDelivery({ destination: id }),
      );
      await Promise.all(leads.map((one) => ledger.accept(anEntry({ lead: one, deliveries }))));
      state.leads.push(...leads);
      return [];
    }
    case "claim":
      state.claims.push(...(await claimFrom(ledger, { destination: step.destination, now: state.now, limit: 3 })));
      return [];
    case "settle": {
      const claim = state.claims[step.pick % state.claims.length];
      if (!claim) return [];
      const later = putOff(claim, { dueAt: state.now + 5_000 });
      await ledger.settle({ delivered: arrived(claim), pending: later, dead: buried(claim) }[step.to] ?? later);
      return [];
    }
    case "settle all":
      await Promise.all(state.claims.map((claim) => ledger.settle(arrived(claim))));
      return [];
    case "cancel": {
      const found = lead && (await ledger.findLead(lead.id));
      const ids = found?.deliveries.filter((one) => one.destination === step.destination).map(({ id }) => id) ?? [];
      await ledger.cancel(ids, { ...at, reason: { code: "cancelled_by_hand", message: "stopped by a person" } });
      return [];
    }
    case "consent": {
      const found = lead && (await ledger.findLead(lead.id));
      if (!found || found.lead.state === "erased") return [];
      const event = aConsent({ action: step.action as "granted" | "withdrawn", at: state.now });
      await ledger.recordConsent(found.lead.id, event, anActor);
      return [];
    }
    case "replay":
      await ledger.replay({ state: "dead" }, at);
      return [];
    case "release":
      if (lead) await ledger.releaseLeads([lead.id], at);
      return [];
    case "erase":
      if (lead) await ledger.erase([lead.id], { ...at, tombstones: [], followUps: () => [] });
      return [];
    case "expire": {
      const before = await listed(ledger);
      const expiry = { what: "leads", form: step.form, state: "active", before: state.now - 10_000 } as const;
      await ledger.expire(expiry, { ...at, limit: 2 });
      const left = new Set((await listed(ledger)).map((record) => record.lead.id));
      return before.filter((record) => !left.has(record.lead.id));
    }
    case "resync":
      await ledger.resync({ destination: step.destination, kind: "webhook", purpose: "enquiry", ...at, dryRun: false });
      return [];
    case "recover": {
      const reason = { code: "interrupted", message: "the attempt was interrupted" };
      const next = { state: "pending", dueAt: state.now, tries: 1, uncertain: true, reason } as const;
      const settle = () => ({ outcome: { type: "uncertain", reason }, next }) as const;
      await ledger.recover({ now: state.now, isDead: () => false, settle });
      return [];
    }
    case "wait":
      state.now += step.ms;
      return [];
  }
}

/** Every count is what the records come to; what was removed is still in the tallies. */
async function adds(ledger: Ledger, removed: readonly LeadRecord[]): Promise<void> {
  const records = await listed(ledger);
  const ever = [...records, ...removed];
  const tallied = ever.map(({ lead }): LeadTally => {
    const source = lead.state === "erased" ? "erased" : (lead.attribution.parameters.utm_source ?? "");
    return { hour: hourOf(lead.receivedAt), form: lead.form, source, count: 1 };
  });
  // An erased lead does not say any more where it came from: such are counted by hour and form alone.
  const bySource = ever.some(({ lead }) => lead.state === "erased") ? withoutSource : (one: LeadTally) => one;
  expect(sums((await ledger.leadTallies(0)).map(bySource))).toEqual(sums(tallied.map(bySource)));
  const attempts = ever.flatMap(({ lead, deliveries }) =>
    deliveries.flatMap((one) =>
      one.history.flatMap((attempt): AttemptTally[] => {
        const { outcome, startedAt, durationMs } = attempt;
        if (outcome === null || durationMs === null) return [];
        const at = startedAt + durationMs;
        const waited = waitBounds.find((bound) => at - lead.receivedAt <= bound) ?? null;
        const wait = outcome === "delivered" ? waited : null;
        return [{ hour: hourOf(at), destination: one.destination, outcome, wait, count: 1, durationMs }];
      }),
    ),
  );
  expect(sums(await ledger.attemptTallies(0))).toEqual(sums(attempts));
  const deliveries = records.flatMap(({ deliveries }) => deliveries);
  const counted = (await ledger.counts()).flatMap(({ destination, counts }) =>
    Object.entries(counts).map(([state, count]) => ({ destination, state, count })),
  );
  expect(sums(counted)).toEqual(sums(deliveries.map(({ destination, state }) => ({ destination, state, count: 1 }))));
  const states = { active: 0, quarantined: 0, erased: 0 };
  for (const { lead } of records) states[lead.state] += 1;
  expect(await ledger.leadCounts()).toEqual(states);
  const forms = (await ledger.forms()).map(({ form, leads }) => ({ form, count: leads }));
  expect(sums(forms)).toEqual(sums(records.map(({ lead: { form } }) => ({ form, count: 1 }))));
  const dead = (await ledger.deadLetters()).map(({ destination, count }) => ({ destination, count }));
  const died = deliveries.filter(({ state }) => state === "dead");
  expect(sums(dead)).toEqual(sums(died.map(({ destination }) => ({ destination, count: 1 }))));
  for (const { destination, oldestWaiting } of await ledger.counts()) {
    const waiting = records.filter(({ deliveries }) =>
      deliveries.some((one) => one.destination === destination && (one.state === "pending" || one.state === "claimed")),
    );
    const oldest = waiting.map(({ lead }) => lead.receivedAt).sort((a, b) => a - b);
    expect(oldestWaiting).toBe(oldest[0] ?? null);
  }
}

function withoutSource(tally: LeadTally): LeadTally {
  return { ...tally, source: "" };
}

/** Rows with the same key become one, with their counts and times summed; so that the order does not matter. */
function sums(rows: readonly { count: number; durationMs?: number }[]): Map<string, [number, number]> {
  const summed = new Map<string, [number, number]>();
  for (const { count, durationMs = 0, ...key } of rows) {
    const place = JSON.stringify(Object.entries(key).toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const [c, d] = summed.get(place) ?? [0, 0];
    summed.set(place, [c + count, d + durationMs]);
  }
  return summed;
}

function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs;
}

function byText(a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}
