import { describe, expect, test } from "vitest";
import type { Standing, Verification, VerificationId } from "../../../src/ledger/verifications.ts";
import { deliveryIdOf, type LeadId } from "../../../src/model/id.ts";
import type { Lead } from "../../../src/model/lead.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, deliveryOf } from "./steps.ts";

const run = "vrf_1" as const;
const now = aMoment + 60_000;
const request = { now, actor: anActor };
const everything = { since: null, until: aMoment + 1 };

function aVerification(overrides: Partial<Verification> = {}): Verification {
  return {
    id: run,
    destination: null,
    since: null,
    until: aMoment,
    repair: false,
    state: "reading",
    by: anActor,
    startedAt: aMoment,
    endedAt: null,
    reached: null,
    counts: { expected: 3, leads: 0, accounted: 0, repaired: 0, tallies: [] },
    ...overrides,
  };
}

export function describeVerifications(open: OpenLedger): void {
  describe("verifications", () => {
    const store = useLedger(open);

    async function accepted(overrides: Partial<Lead> = {}, deliveries = [aDelivery()]): Promise<LeadId> {
      const lead = aLead(overrides);
      await store.ledger.accept(anEntry({ lead, deliveries }));
      return lead.id;
    }

    async function delivered(overrides: Partial<Lead> = {}): Promise<LeadId> {
      const lead = await accepted(overrides);
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      return lead;
    }

    /** All standings at `crm`, in pages of two. */
    async function standings(withLeads = false): Promise<Standing[]> {
      const all: Standing[] = [];
      for (let after: LeadId | null = null; ; ) {
        const range = await store.ledger.verifications.nextRange(after, { ...everything, size: 2 });
        if (!range) return all;
        const { upTo } = range;
        const page = { ...everything, after, upTo, limit: 10, withLeads };
        all.push(...(await store.ledger.verifications.standings("crm", page)));
        after = upTo;
      }
    }

    function missed(leadId: LeadId, attempts = 1, by: VerificationId = run): Promise<LeadId[]> {
      const missing = [{ leadId, attempts }];
      return store.ledger.verifications.note({ run: by, destination: "crm", at: now, missing, seen: [] });
    }

    const missing = () => store.ledger.verifications.missing({ limit: 10 });

    test("every lead has its standing, in the order of ids, whatever its state", async () => {
      const dead = await accepted();
      await store.ledger.settle(buried(await claimOne(store.ledger)));
      const there = await delivered();
      const elsewhere = await accepted({}, [aDelivery({ destination: "sheet" })]);
      const withheld = await accepted({}, [aWithheldDelivery()]);
      const waiting = await accepted();
      expect((await standings()).map(({ leadId, delivery }) => [leadId, delivery?.state, delivery?.code])).toEqual([
        [dead, "dead", "rejected"],
        [there, "delivered", null],
        [elsewhere, undefined, undefined],
        [withheld, "withheld", "no_consent"],
        [waiting, "pending", null],
      ]);
      expect((await standings())[1]?.delivery).toMatchObject({
        id: deliveryIdOf(there, "crm"),
        ref: "there-1",
        attempts: 1,
        deliveredAt: aMoment + 120,
        missing: false,
      });
    });

    test("a delivered lead can be read with its later consents; the others cannot", async () => {
      const lead = await delivered({ name: "Ada" });
      await accepted();
      await store.ledger.recordConsent(lead, aConsent({ source: "api" }), anActor);
      const [first, second] = await standings(true);
      expect(first?.lead()).toMatchObject({ id: lead, name: "Ada", consents: [{ source: "api" }] });
      expect(() => second?.lead()).toThrow(RangeError);
    });

    test("a range counts the leads received in its time, and passes none over", async () => {
      await accepted({ receivedAt: aMoment - 7_200_000 });
      const match = await accepted({ receivedAt: aMoment });
      await accepted({ receivedAt: aMoment + 10 });
      const time = { since: aMoment, until: aMoment + 10 };
      let [after, leads]: [LeadId | null, number] = [null, 0];
      const found: LeadId[] = [];
      for (;;) {
        const range = await store.ledger.verifications.nextRange(after, { ...time, size: 1 });
        if (!range) break;
        const page = { ...time, after, upTo: range.upTo, limit: 5, withLeads: false };
        found.push(...(await store.ledger.verifications.standings("crm", page)).map(({ leadId }) => leadId));
        [after, leads] = [range.upTo, leads + range.leads];
      }
      expect([found, leads]).toEqual([[match], 1]);
    });

    test("what is missing is noted, told by lead and destination, and stands with the delivery", async () => {
      const [one, two] = [await delivered(), await delivered()];
      expect(await missed(one)).toEqual([one]);
      expect(await missed(two, 1, "vrf_2")).toEqual([two]);
      expect(await missing()).toEqual([
        { deliveryId: deliveryIdOf(one, "crm"), leadId: one, destination: "crm", foundAt: now, run },
        { deliveryId: deliveryIdOf(two, "crm"), leadId: two, destination: "crm", foundAt: now, run: "vrf_2" },
      ]);
      expect((await standings()).map(({ delivery }) => delivery?.missing)).toEqual([true, true]);
      const { verifications } = store.ledger;
      expect((await verifications.missing({ limit: 10, run })).map(({ leadId }) => leadId)).toEqual([one]);
      const after = { leadId: one, destination: "crm" };
      expect((await verifications.missing({ limit: 1, after })).map(({ leadId }) => leadId)).toEqual([two]);
      expect(await verifications.missing({ limit: 1, destination: "sheet" })).toEqual([]);
      expect(await verifications.missingCounts()).toEqual([{ destination: "crm", count: 2, since: now }]);
    });

    test("missed again it keeps the time it was first missed; seen again it is missing no more", async () => {
      const lead = await delivered();
      await missed(lead);
      const again = { run: "vrf_2", destination: "crm", at: now + 1_000 } as const;
      await store.ledger.verifications.note({ ...again, missing: [{ leadId: lead, attempts: 1 }], seen: [] });
      expect(await missing()).toMatchObject([{ foundAt: now, run: "vrf_2" }]);
      await store.ledger.verifications.note({ ...again, missing: [], seen: [lead] });
      expect(await missing()).toEqual([]);
    });

    test("only what is still delivered by the attempt that was looked for is missing", async () => {
      const lead = await delivered();
      const waiting = await accepted();
      expect(await missed(lead, 2)).toEqual([]);
      expect(await missed(waiting, 0)).toEqual([]);
      expect(await store.ledger.verifications.standingsOf("crm", [lead, aLead().id])).toMatchObject([{ leadId: lead }]);
    });

    test("an erased lead is never missing, and what was noted of it goes with it", async () => {
      const [before, after] = [await delivered(), await delivered()];
      await missed(before);
      await store.ledger.erase([before, after], { ...request, tombstones: [], followUps: () => [] });
      expect(await missed(after)).toEqual([]);
      expect(await missing()).toEqual([]);
    });

    test("retention takes it along", async () => {
      await missed(await delivered());
      const expiry = { what: "leads", form: "contact", state: "active", before: now } as const;
      await store.ledger.expire(expiry, { ...request, limit: 10 });
      expect(await missing()).toEqual([]);
    });

    test("a verification is kept as it stands, and told newest first", async () => {
      const { verifications } = store.ledger;
      const tallies = [{ destination: "crm", verdict: "dead", code: "rejected", count: 2 } as const];
      const first = aVerification({ destination: "crm", since: 5, repair: true });
      const over = {
        ...first,
        state: "complete",
        endedAt: now,
        reached: aLead().id,
        counts: { ...first.counts, tallies },
      } as const;
      const second = aVerification({ id: "vrf_2", startedAt: aMoment + 1 });
      for (const one of [first, second, over]) await verifications.save(one);
      expect(await verifications.find(run)).toEqual(over);
      expect(await verifications.find("vrf_3")).toBeNull();
      expect(await (await store.reopen()).verifications.latest(5)).toEqual([second, over]);
    });
  });

  describe("redeliver", () => {
    const store = useLedger(open);

    async function vanished(person = "ada"): Promise<LeadId> {
      const lead = aLead({ person });
      await store.ledger.accept(anEntry({ lead }));
      const claim = await claimOne(store.ledger);
      await store.ledger.saveProgress({ deliveryId: claim.delivery.id, n: 1 }, { contact: "1" });
      await store.ledger.settle(arrived(claim));
      const found = { run, destination: "crm", at: now, seen: [] } as const;
      await store.ledger.verifications.note({ ...found, missing: [{ leadId: lead.id, attempts: 1 }] });
      return lead.id;
    }

    const idOf = (lead: LeadId) => deliveryIdOf(lead, "crm");

    test("what was found missing is due at once, asks first, and knows nothing of the vanished record", async () => {
      const lead = await vanished();
      expect(await store.ledger.redeliver([idOf(lead)], request)).toEqual({ redelivered: [idOf(lead)], refused: [] });
      expect(await store.ledger.verifications.missing({ limit: 1 })).toEqual([]);
      const claim = await claimOne(store.ledger, { now });
      expect(claim.delivery).toMatchObject({
        attempts: 2,
        tries: 0,
        uncertain: true,
        superseded: false,
        ref: null,
        progress: null,
        warnings: [],
      });
    });

    test("it is counted as delivered once, before and after", async () => {
      const count = async () => (await store.ledger.counts())[0]?.counts;
      const lead = await vanished();
      expect(await count()).toEqual({ delivered: 1 });
      await store.ledger.redeliver([idOf(lead)], request);
      expect(await count()).toEqual({ pending: 1 });
      await store.ledger.settle(arrived(await claimOne(store.ledger, { now })));
      expect(await count()).toEqual({ delivered: 1 });
      expect((await deliveryOf(store.ledger, lead)).ref).toBe("there-1");
    });

    test("it is an act on record for each, and whoever waits for work hears of it", async () => {
      const lead = await vanished();
      let woken = 0;
      const unsubscribe = store.ledger.onWake(() => woken++);
      await store.ledger.redeliver([idOf(lead), idOf(lead)], request);
      unsubscribe();
      expect(woken).toBeGreaterThan(0);
      expect(await store.ledger.acts({ limit: 10 })).toMatchObject([
        { at: now, actor: anActor, act: "redeliver", subject: idOf(lead) },
      ]);
    });

    test("what is not known to be missing is refused, and stays delivered", async () => {
      const seen = await vanished();
      await store.ledger.verifications.note({ run, destination: "crm", at: now, missing: [], seen: [seen] });
      const erased = await vanished("bob");
      await store.ledger.erase([erased], { ...request, tombstones: [], followUps: () => [] });
      const waiting = aLead();
      await store.ledger.accept(anEntry({ lead: waiting, deliveries: [aWithheldDelivery()] }));
      const ids = [idOf(seen), idOf(erased), idOf(waiting.id), idOf(aLead().id), deliveryIdOf(seen, "crm", "erased-1")];
      const { redelivered, refused } = await store.ledger.redeliver(ids, request);
      expect([redelivered, refused.map(({ message }) => message)]).toEqual([
        [],
        [
          "was not found missing",
          "belongs to an erased lead",
          "is not delivered: replay it instead",
          "is not on record",
          "is not on record",
        ],
      ]);
      expect((await deliveryOf(store.ledger, seen)).state).toBe("delivered");
      expect(await claimFrom(store.ledger, { now })).toEqual([]);
    });

    test("an older lead of a person whose newer one is there does not overwrite its values", async () => {
      const lead = await vanished();
      await store.ledger.accept(anEntry({ lead: aLead({ person: "ada" }) }));
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      await store.ledger.redeliver([idOf(lead)], request);
      expect(await deliveryOf(store.ledger, lead)).toMatchObject({ state: "pending", superseded: true });
    });

    test("resync gives it too, without the vanished record", async () => {
      const lead = await vanished();
      const resync = { destination: "crm", kind: "webhook", purpose: "enquiry", ...request };
      expect(await store.ledger.resync({ ...resync, state: "missing", dryRun: true })).toBe(1);
      expect(await store.ledger.resync({ ...resync, dryRun: false })).toBe(1);
      expect(await deliveryOf(store.ledger, lead)).toMatchObject({ state: "pending", uncertain: true, ref: null });
      expect(await store.ledger.resync({ ...resync, dryRun: false })).toBe(0);
      expect((await store.ledger.counts())[0]?.counts).toEqual({ pending: 1 });
    });
  });
}
