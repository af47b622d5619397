import { describe, expect, test } from "vitest";
import type { Actor, Claim, FollowUp, Ledger } from "../../../src/ledger/ledger.ts";
import { type DeliveryId, deliveryIdOf, type LeadId } from "../../../src/model/id.ts";
import type { Screening } from "../../../src/model/lead.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, claimFrom, deliveryOf, leadsOf } from "./steps.ts";

const now = aMoment + 60_000;
const machine: Actor = { type: "machine", name: "screens" };
const reason = { code: "marked_by_person", points: 0, message: "a person said it is spam" };
const held = { code: "quarantined", message: "the lead is held back as suspected spam" };
const removal: FollowUp = {
  event: "lead.erased",
  destination: "crm",
  kind: "webhook",
  purpose: "enquiry",
  reason: null,
};

/** Quarantine after all, and the captchas that leads in quarantine wait for. */
export function describeQuarantine(open: OpenLedger): void {
  const request = { now, actor: anActor };
  const justHold = { ...request, reason, followUps: () => [] };
  const undo = { ...request, reason, followUps: () => [removal] };

  async function accepted(ledger: Ledger, given: Parameters<typeof anEntry>[0] = {}): Promise<LeadId> {
    const entry = anEntry({ lead: aLead({ consents: [aConsent()] }), ...given });
    await ledger.accept(entry);
    return entry.lead.id;
  }

  async function delivered(ledger: Ledger): Promise<LeadId> {
    const lead = await accepted(ledger);
    await deliver(ledger, await claimFrom(ledger, { now }));
    return lead;
  }

  describe("quarantineLeads", () => {
    const store = useLedger(open);

    test("what waits of an active lead is withheld, and its release sends it", async () => {
      const lead = await accepted(store.ledger);
      expect(await store.ledger.quarantineLeads([lead], justHold)).toEqual({ quarantined: [lead], followUps: [] });
      const record = await store.ledger.findLead(lead);
      expect(record?.lead.state).toBe("quarantined");
      expect(record?.deliveries).toMatchObject([{ state: "withheld", reason: { code: "quarantined" } }]);
      expect(await claimFrom(store.ledger, { now })).toEqual([]);
      await store.ledger.releaseLeads([lead], request);
      expect(leadsOf(await claimFrom(store.ledger, { now }))).toEqual([lead]);
    });

    test("why stands with the lead, and what was known before stays", async () => {
      const screening: Screening = { score: 3, reasons: [{ code: "links", points: 3, message: "3 links" }] };
      const lead = await accepted(store.ledger, { lead: aLead({ screening }) });
      await store.ledger.recordConsent(lead, aConsent({ purpose: "marketing", source: "api" }), anActor);
      await store.ledger.quarantineLeads([lead], justHold);
      const found = (await store.ledger.findLead(lead))?.lead;
      expect(found?.screening).toEqual({ score: 3, reasons: [...screening.reasons, reason] });
      expect(found?.consents).toHaveLength(1);
      expect(await store.ledger.leadCounts()).toMatchObject({ active: 0, quarantined: 1 });
    });

    test("what is withheld for want of consent stays so, and what was delivered stays delivered", async () => {
      const lead = await accepted(store.ledger, {
        deliveries: [aDelivery(), aWithheldDelivery({ destination: "sheet" })],
      });
      await deliver(store.ledger, await claimFrom(store.ledger, { now }));
      await store.ledger.quarantineLeads([lead], justHold);
      expect(await deliveryOf(store.ledger, lead)).toMatchObject({ state: "delivered" });
      expect(await deliveryOf(store.ledger, lead, "sheet")).toMatchObject({ reason: { code: "no_consent" } });
    });

    test("a removal is due at once, and each act is on record", async () => {
      const lead = await delivered(store.ledger);
      const { followUps } = await store.ledger.quarantineLeads([lead], undo);
      expect(followUps).toEqual([deliveryIdOf(lead, "crm", "erased-1")]);
      expect((await claimFrom(store.ledger, { now })).map(({ delivery }) => delivery.id)).toEqual(followUps);
      const acts = await store.ledger.acts({ limit: 10, lead });
      expect(acts.map(({ act }) => act)).toEqual(["undo", "quarantine"]);
    });

    test("a removal may be asked for later, and waits only once", async () => {
      const lead = await delivered(store.ledger);
      await store.ledger.quarantineLeads([lead], justHold);
      expect(await store.ledger.quarantineLeads([lead], undo)).toMatchObject({ quarantined: [], followUps: [{}] });
      expect(await store.ledger.quarantineLeads([lead], undo)).toEqual({ quarantined: [], followUps: [] });
    });

    test("released before the removal left, it never leaves, and nothing is delivered twice", async () => {
      const lead = await delivered(store.ledger);
      await store.ledger.quarantineLeads([lead], undo);
      await store.ledger.releaseLeads([lead], request);
      expect(await claimFrom(store.ledger, { now })).toEqual([]);
      expect(await stateOf(store.ledger, lead, deliveryIdOf(lead, "crm", "erased-1"))).toBe("cancelled");
      expect((await deliveryOf(store.ledger, lead)).state).toBe("delivered");
    });

    test("released after the removal arrived, it is delivered again, and only once", async () => {
      const lead = await delivered(store.ledger);
      await store.ledger.quarantineLeads([lead], undo);
      await deliver(store.ledger, await claimFrom(store.ledger, { now }));
      await store.ledger.releaseLeads([lead], request);
      const again = await claimFrom(store.ledger, { now });
      expect(again.map(({ delivery }) => delivery.id)).toEqual([deliveryIdOf(lead, "crm")]);
      expect(again[0]?.delivery).toMatchObject({ ref: null, progress: null, uncertain: true });
      await deliver(store.ledger, again);
      await store.ledger.quarantineLeads([lead], justHold);
      await store.ledger.releaseLeads([lead], request);
      expect(await claimFrom(store.ledger, { now })).toEqual([]);
      expect((await store.ledger.counts()).map(({ counts }) => counts.delivered)).toEqual([1]);
    });

    test("erased leads and unknown ones are passed over", async () => {
      const lead = await accepted(store.ledger);
      await store.ledger.erase([lead], { ...request, tombstones: [], followUps: () => [] });
      expect(await store.ledger.quarantineLeads([lead, aLead().id], undo)).toEqual({ quarantined: [], followUps: [] });
    });

    test("retention ends what a person put into quarantine only when it has been there for so long", async () => {
      const lead = await accepted(store.ledger);
      await store.ledger.quarantineLeads([lead], justHold);
      const before = { what: "leads", form: "contact", state: "quarantined" } as const;
      expect(await store.ledger.countExpired({ ...before, before: now })).toBe(0);
      expect(await store.ledger.expire({ ...before, before: now }, { ...request, limit: 10 })).toBe(0);
      expect(await store.ledger.expire({ ...before, before: now + 1 }, { ...request, limit: 10 })).toBe(1);
    });
  });

  describe("captcha checks", () => {
    const store = useLedger(open);
    const awaited = { captcha: "turnstile", token: "a token" };
    const screening: Screening = { score: 0, reasons: [], awaiting: "turnstile" };
    const take = { now, leaseUntil: now + 1_000, limit: 10 };

    async function waiting(): Promise<LeadId> {
      const lead = aLead({ state: "quarantined", screening, consents: [aConsent()] });
      return accepted(store.ledger, { lead, deliveries: [aDelivery({ state: "withheld", reason: held })], awaited });
    }

    test("a token is on record with its lead, taken by one at a time, and again when its lease is over", async () => {
      const lead = await waiting();
      const again = await store.reopen();
      expect(await again.takeCaptchaChecks(take)).toMatchObject([
        { lead: { id: lead, screening }, ...awaited, tries: 1 },
      ]);
      expect(await again.takeCaptchaChecks(take)).toEqual([]);
      expect(await again.takeCaptchaChecks({ ...take, now: now + 1_000 })).toMatchObject([{ tries: 2 }]);
      await again.putOffCaptchaCheck(lead, now);
      expect(await again.takeCaptchaChecks(take)).toMatchObject([{ tries: 3 }]);
    });

    test("passed: the token is gone, the lead goes on, and nothing is said of it", async () => {
      const lead = await waiting();
      await store.ledger.takeCaptchaChecks(take);
      expect(
        await store.ledger.settleCaptchaCheck(lead, { screening: null, release: true }, { now, actor: machine }),
      ).toBe(true);
      expect((await store.ledger.findLead(lead))?.lead).not.toHaveProperty("screening");
      expect(leadsOf(await claimFrom(store.ledger, { now }))).toEqual([lead]);
      expect(await store.ledger.takeCaptchaChecks({ ...take, now: now + 5_000 })).toEqual([]);
    });

    test("failed: the lead stays in quarantine with the reason", async () => {
      const lead = await waiting();
      const failed = { score: 15, reasons: [{ code: "captcha_failed", points: 15, message: "not solved" }] };
      await store.ledger.settleCaptchaCheck(lead, { screening: failed, release: false }, { now, actor: machine });
      expect((await store.ledger.findLead(lead))?.lead).toMatchObject({ state: "quarantined", screening: failed });
      expect(await store.ledger.takeCaptchaChecks(take)).toEqual([]);
    });

    test.for(["release", "quarantine", "erase"] as const)("a person's judgement (%s) ends the wait", async (act) => {
      const lead = await waiting();
      if (act === "release") await store.ledger.releaseLeads([lead], request);
      if (act === "quarantine") await store.ledger.quarantineLeads([lead], justHold);
      if (act === "erase") await store.ledger.erase([lead], { ...request, tombstones: [], followUps: () => [] });
      expect((await store.ledger.findLead(lead))?.lead).not.toHaveProperty("screening");
      const verdict = { screening: null, release: true };
      expect(await store.ledger.settleCaptchaCheck(lead, verdict, { now, actor: machine })).toBe(false);
      expect(await store.ledger.takeCaptchaChecks(take)).toEqual([]);
    });
  });
}

async function deliver(ledger: Ledger, claims: readonly Claim[]): Promise<void> {
  for (const claim of claims) await ledger.settle(arrived(claim));
}

async function stateOf(ledger: Ledger, lead: LeadId, id: DeliveryId): Promise<string | undefined> {
  return (await ledger.findLead(lead))?.deliveries.find((delivery) => delivery.id === id)?.state;
}
