import { describe, expect, test } from "vitest";
import type { NewDelivery, ResyncRequest } from "../../../src/ledger/ledger.ts";
import type { Lead } from "../../../src/model/lead.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, deliveryOf, leadsOf, putOff } from "./steps.ts";

const now = aMoment + 60_000;
const request = { now, actor: anActor };
const resync: ResyncRequest = { destination: "sheet", kind: "google-sheets", purpose: "enquiry", ...request };

export function describeResync(open: OpenLedger): void {
  describe("resync", () => {
    const store = useLedger(open);

    async function accepted(overrides: Partial<Lead> = {}, deliveries: NewDelivery[] = [aDelivery()]) {
      const lead = aLead(overrides);
      await store.ledger.accept(anEntry({ lead, deliveries }));
      return lead.id;
    }

    async function claimed() {
      await accepted({}, [aDelivery({ destination: "sheet" })]);
      return claimOne(store.ledger, { destination: "sheet" });
    }

    const given = (overrides: Partial<ResyncRequest> = {}) =>
      store.ledger.resync({ ...resync, ...overrides, dryRun: false });
    const counted = (overrides: Partial<ResyncRequest> = {}) =>
      store.ledger.resync({ ...resync, ...overrides, dryRun: true });

    test("leads that were never meant for it become its deliveries, due now, the oldest first", async () => {
      const leads = [await accepted(), await accepted()];
      expect(await given()).toBe(2);
      const claims = await claimFrom(store.ledger, { destination: "sheet", now });
      expect(leadsOf(claims)).toEqual(leads);
      expect(claims[0]?.delivery).toMatchObject({ kind: "google-sheets", purpose: "enquiry", attempts: 1, tries: 0 });
    });

    test("dead letters there are due again with a fresh schedule, and no other destination's", async () => {
      const claim = await claimed();
      await store.ledger.settle(buried(claim));
      await accepted({}, [aDelivery(), aDelivery({ destination: "sheet" })]);
      const [elsewhere] = await claimFrom(store.ledger);
      if (elsewhere) await store.ledger.settle(buried(elsewhere));
      expect(await given()).toBe(1);
      expect(await deliveryOf(store.ledger, claim.lead.id, "sheet")).toMatchObject({
        state: "pending",
        dueAt: now,
        tries: 0,
        reason: null,
      });
      expect((await deliveryOf(store.ledger, elsewhere?.lead.id ?? aLead().id)).state).toBe("dead");
    });

    test("what is delivered, waits, is under way, withheld or cancelled stays as it is", async () => {
      await store.ledger.settle(arrived(await claimed()));
      await store.ledger.settle(putOff(await claimed()));
      const cancelled = await claimed();
      await store.ledger.settle(buried(cancelled));
      const reason = { code: "handled_by_hand", message: "a person has seen to it by hand" };
      await store.ledger.cancel([cancelled.delivery.id], { ...request, reason });
      await claimed();
      await accepted({}, [aWithheldDelivery({ destination: "sheet" })]);
      await accepted({}, [aDelivery({ destination: "sheet" })]);
      expect(await counted()).toBe(0);
      expect(await given()).toBe(0);
    });

    test("what is withheld is given when it may leave by now, which is asked of the lead as it stands", async () => {
      const lead = await accepted({}, [aWithheldDelivery({ destination: "sheet" })]);
      await store.ledger.recordConsent(lead, aConsent({ purpose: "marketing", source: "api" }), anActor);
      const admits: ResyncRequest["admits"] = (state, read) =>
        state === "withheld" && read().consents.some(({ purpose }) => purpose === "marketing");
      expect(await counted({ admits })).toBe(1);
      expect(await given({ admits })).toBe(1);
      expect(await deliveryOf(store.ledger, lead, "sheet")).toMatchObject({ state: "pending", reason: null });
    });

    test("a lead the destination does not want is not given, and not counted", async () => {
      await accepted();
      const admits = () => false;
      expect([await counted({ admits }), await given({ admits })]).toEqual([0, 0]);
      expect(await claimFrom(store.ledger, { destination: "sheet", now })).toEqual([]);
    });

    test("only what it lacks for one reason", async () => {
      await store.ledger.settle(buried(await claimed()));
      await accepted();
      await accepted({}, [aWithheldDelivery({ destination: "sheet" })]);
      expect(await counted({ state: "missing" })).toBe(0);
      expect(await given({ state: "withheld", admits: () => true })).toBe(1);
      expect(await given({ state: "dead" })).toBe(1);
      expect(await given({ state: "never" })).toBe(1);
    });

    test("an older lead of a person whose newer one is there comes as superseded", async () => {
      const older = await accepted({ person: "ada" });
      await accepted({ person: "ada" }, [aDelivery({ destination: "sheet" })]);
      await store.ledger.settle(arrived(await claimOne(store.ledger, { destination: "sheet" })));
      await given();
      expect(await deliveryOf(store.ledger, older, "sheet")).toMatchObject({ state: "pending", superseded: true });
    });

    test("leads in quarantine and erased ones are left out", async () => {
      await accepted({ state: "quarantined" });
      const erased = await accepted();
      await store.ledger.erase([erased], { ...request, tombstones: [], followUps: () => [] });
      expect(await given()).toBe(0);
    });

    test("only those of a form, or of a time", async () => {
      await accepted({ form: "contact", receivedAt: aMoment - 1 });
      const match = await accepted({ form: "quote", receivedAt: aMoment });
      await accepted({ form: "quote", receivedAt: aMoment + 10 });
      expect(await given({ form: "quote", since: aMoment, until: aMoment + 10 })).toBe(1);
      expect(leadsOf(await claimFrom(store.ledger, { destination: "sheet", now }))).toEqual([match]);
    });

    test("a dry run counts and changes nothing", async () => {
      await accepted();
      expect(await counted()).toBe(1);
      expect(await claimFrom(store.ledger, { destination: "sheet", now })).toEqual([]);
      expect(await store.ledger.acts({ limit: 1 })).toEqual([]);
    });

    test("done twice it gives nothing twice", async () => {
      await accepted();
      expect(await given()).toBe(1);
      expect(await given()).toBe(0);
      expect(await claimFrom(store.ledger, { destination: "sheet", now })).toHaveLength(1);
    });

    test("it is an act on record, and whoever waits for work hears of it", async () => {
      await accepted();
      let woken = 0;
      const unsubscribe = store.ledger.onWake(() => woken++);
      await given();
      unsubscribe();
      expect(woken).toBeGreaterThan(0);
      expect(await store.ledger.acts({ limit: 10 })).toMatchObject([{ at: now, actor: anActor, subject: "sheet" }]);
    });

    test("many are given whole, while leads go on arriving", async () => {
      await Promise.all(Array.from({ length: 1_300 }, () => accepted()));
      const seen: number[][] = [];
      const running = given({ progress: (...progress) => seen.push(progress) });
      await accepted({}, [aDelivery(), aDelivery({ destination: "sheet" })]);
      expect(await running).toBe(1_300);
      expect(seen.length).toBeGreaterThan(2);
      expect(seen.at(-1)?.[1]).toBe(1_300);
      const counts = await store.ledger.counts();
      expect(counts.find(({ destination }) => destination === "sheet")?.counts).toEqual({ pending: 1_301 });
    });
  });

  describe("releaseLeads", () => {
    const store = useLedger(open);
    const spam = { code: "quarantined", message: "the lead is held back as suspected spam" };

    async function quarantined(deliveries = [aDelivery({ state: "withheld", reason: spam })]) {
      const lead = aLead({ state: "quarantined" });
      await store.ledger.accept(anEntry({ lead, deliveries }));
      return lead.id;
    }

    test("a released lead is active and its deliveries are due now", async () => {
      const lead = await quarantined();
      expect(await store.ledger.releaseLeads([lead], request)).toEqual([lead]);
      expect((await store.ledger.findLead(lead))?.lead.state).toBe("active");
      expect(leadsOf(await claimFrom(store.ledger, { now }))).toEqual([lead]);
    });

    test("what is withheld for want of consent stays so, unless it was given in the meantime", async () => {
      const deliveries = [aWithheldDelivery(), aWithheldDelivery({ destination: "mail", purpose: "marketing" })];
      const lead = await quarantined(deliveries);
      await store.ledger.recordConsent(lead, aConsent({ purpose: "marketing", source: "api" }), anActor);
      await store.ledger.releaseLeads([lead], request);
      expect((await deliveryOf(store.ledger, lead)).state).toBe("withheld");
      expect((await deliveryOf(store.ledger, lead, "mail")).state).toBe("pending");
    });

    test("only leads in quarantine are released, each once", async () => {
      const lead = await quarantined();
      const active = aLead();
      await store.ledger.accept(anEntry({ lead: active }));
      expect(await store.ledger.releaseLeads([lead, lead, active.id, aLead().id], request)).toEqual([lead]);
      expect(await store.ledger.releaseLeads([lead], request)).toEqual([]);
    });

    test("it is an act on record, and whoever waits for work hears of it", async () => {
      const lead = await quarantined();
      let woken = 0;
      const unsubscribe = store.ledger.onWake(() => woken++);
      await store.ledger.releaseLeads([lead], request);
      unsubscribe();
      expect(woken).toBeGreaterThan(0);
      expect(await store.ledger.acts({ limit: 10 })).toMatchObject([
        { at: now, actor: anActor, act: "release", subject: lead },
      ]);
    });
  });
}
