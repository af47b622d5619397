import { describe, expect, test } from "vitest";
import type { FollowUp, LeadRecord } from "../../../src/ledger/ledger.ts";
import { deliveryIdOf, type LeadId } from "../../../src/model/id.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, claimFrom, claimOne, deliveryOf, putOff } from "./steps.ts";

const withdrawn = aConsent({ action: "withdrawn", at: aMoment + 100 });
const toCrm: FollowUp = {
  destination: "crm",
  event: "consent.withdrawn",
  kind: "webhook",
  purpose: "enquiry",
  reason: null,
};
const granted = aConsent({ purpose: "marketing", source: "confirmation", at: aMoment + 100 });
const holders = ({ deliveries }: LeadRecord): FollowUp[] =>
  deliveries
    .filter(({ state, event }) => state === "delivered" && event === "lead.created")
    .map(({ destination }) => ({ ...toCrm, destination }));

export function describeFollowUps(open: OpenLedger): void {
  describe("withdrawal and follow-ups", () => {
    const store = useLedger(open);

    async function delivered(): Promise<LeadId> {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      return lead.id;
    }

    async function followUpOf(leadId: LeadId, tag: `withdrawn-${number}` = "withdrawn-1") {
      const record = await store.ledger.findLead(leadId);
      return record?.deliveries.find(({ id }) => id === deliveryIdOf(leadId, "crm", tag));
    }

    test("a withdrawal cancels what waits for its purpose, and nothing else", async () => {
      const lead = aLead();
      const deliveries = [
        aDelivery(),
        aDelivery({ destination: "list", purpose: "marketing" }),
        aWithheldDelivery({ destination: "sheet" }),
        aDelivery({ destination: "retried" }),
      ];
      await store.ledger.accept(anEntry({ lead, deliveries }));
      await store.ledger.settle(putOff(await claimOne(store.ledger, { destination: "retried" })));
      const { stopped } = await store.ledger.recordConsent(lead.id, withdrawn, anActor);
      expect(stopped.sort()).toEqual(["crm", "retried", "sheet"].map((one) => deliveryIdOf(lead.id, one)));
      for (const destination of ["crm", "retried", "sheet"]) {
        expect(await deliveryOf(store.ledger, lead.id, destination)).toMatchObject({
          state: "cancelled",
          dueAt: null,
          reason: { code: "consent_withdrawn" },
        });
        expect(await claimFrom(store.ledger, { destination, now: aMoment + 1e9 })).toEqual([]);
      }
      expect((await deliveryOf(store.ledger, lead.id, "list")).state).toBe("pending");
    });

    test("a withdrawal spares destinations that need no consent for it", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead, deliveries: [aDelivery(), aDelivery({ destination: "sheet" })] }));
      await store.ledger.recordConsent(lead.id, withdrawn, anActor, { spare: ["sheet"] });
      expect((await deliveryOf(store.ledger, lead.id, "sheet")).state).toBe("pending");
      expect((await deliveryOf(store.ledger, lead.id, "crm")).state).toBe("cancelled");
    });

    test("consent given again sends what its withdrawal had stopped", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      await store.ledger.recordConsent(lead.id, withdrawn, anActor);
      const again = aConsent({ at: aMoment + 200 });
      const { released } = await store.ledger.recordConsent(lead.id, again, anActor);
      expect(released).toEqual([deliveryIdOf(lead.id, "crm")]);
      expect((await claimOne(store.ledger, { now: aMoment + 200 })).delivery.event).toBe("lead.created");
    });

    test("a destination that holds the lead is told of the withdrawal, as a delivery of its own", async () => {
      const leadId = await delivered();
      const { followUps } = await store.ledger.recordConsent(leadId, withdrawn, anActor, { followUps: holders });
      expect(followUps).toEqual([deliveryIdOf(leadId, "crm", "withdrawn-1")]);
      const claim = await claimOne(store.ledger, { now: aMoment + 100 });
      expect(claim.delivery).toMatchObject({ id: followUps[0], event: "consent.withdrawn", purpose: "enquiry" });
      expect(claim.about).toMatchObject({ id: deliveryIdOf(leadId, "crm"), state: "delivered", ref: "there-1" });
      expect(claim.lead.consents.at(-1)).toEqual(withdrawn);
      await store.ledger.settle(putOff(claim, { dueAt: aMoment + 200 }));
      const second = await claimOne(store.ledger, { now: aMoment + 200 });
      expect(second.delivery).toMatchObject({ id: followUps[0], attempts: 2 });
      await store.ledger.settle(arrived(second));
      expect(await followUpOf(leadId)).toMatchObject({ state: "delivered", history: [{ n: 1 }, { n: 2 }] });
      expect(await deliveryOf(store.ledger, leadId)).toMatchObject({ state: "delivered", attempts: 1 });
    });

    test("what is told is asked of the gate with the event and purpose it has", async () => {
      const leadId = await delivered();
      await store.ledger.recordConsent(leadId, withdrawn, anActor, { followUps: holders });
      const asked: unknown[] = [];
      await claimFrom(store.ledger, {
        now: aMoment + 100,
        gate: (_lead, _last, delivery) => {
          asked.push(delivery);
          return { type: "cancelled", reason: { code: "given_again", message: "given again" } };
        },
      });
      expect(asked).toEqual([{ event: "consent.withdrawn", purpose: "enquiry" }]);
      expect(await followUpOf(leadId)).toMatchObject({ state: "cancelled", reason: { code: "given_again" } });
    });

    test("a destination that holds the lead is told of a consent given later, as a delivery of its own", async () => {
      const leadId = await delivered();
      const followUps = (record: LeadRecord): FollowUp[] =>
        holders(record).map((one) => ({ ...one, event: "consent.granted", purpose: "marketing" }));
      const tell = () => store.ledger.recordConsent(leadId, granted, anActor, { followUps });
      expect(await tell()).toEqual({
        released: [],
        stopped: [],
        followUps: [deliveryIdOf(leadId, "crm", "granted-1")],
      });
      expect((await tell()).followUps).toEqual([]);
      const claim = await claimOne(store.ledger, { now: aMoment + 100 });
      expect(claim.delivery).toMatchObject({ event: "consent.granted", purpose: "marketing" });
      expect([claim.about?.ref, claim.lead.consents.at(-1)]).toEqual(["there-1", granted]);
      await store.ledger.settle(arrived(claim));
      expect((await tell()).followUps).toEqual([deliveryIdOf(leadId, "crm", "granted-2")]);
    });

    test("what is to follow a consent is asked of the lead as the consent has left it", async () => {
      const lead = aLead();
      const deliveries = [aWithheldDelivery({ destination: "list", purpose: "marketing" })];
      await store.ledger.accept(anEntry({ lead, deliveries }));
      const asked: unknown[] = [];
      const followUps = ({ lead, deliveries }: LeadRecord): FollowUp[] => {
        asked.push(...deliveries.map(({ destination, state }) => `${destination} ${state}`), lead.consents.at(-1));
        return [];
      };
      await store.ledger.recordConsent(lead.id, granted, anActor, { followUps });
      expect(asked).toEqual(["list pending", granted]);
    });

    test("a destination that cannot be told has a dead letter until a person has done it", async () => {
      const leadId = await delivered();
      const reason = { code: "by_hand", message: "do it there by hand" };
      const followUps = () => [{ ...toCrm, reason }];
      await store.ledger.recordConsent(leadId, withdrawn, anActor, { followUps });
      expect(await followUpOf(leadId)).toMatchObject({ state: "dead", reason });
    });

    test("a second withdrawal is told under an id of its own, unless the first still waits to be told", async () => {
      const leadId = await delivered();
      const tell = () => store.ledger.recordConsent(leadId, withdrawn, anActor, { followUps: holders });
      await tell();
      expect((await tell()).followUps).toEqual([]);
      await store.ledger.settle(arrived(await claimOne(store.ledger, { now: aMoment + 100 })));
      expect((await tell()).followUps).toEqual([deliveryIdOf(leadId, "crm", "withdrawn-2")]);
    });

    test("a lead and what follows it never run at one destination at once", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      const claim = await claimOne(store.ledger);
      await store.ledger.recordConsent(lead.id, withdrawn, anActor, { followUps: () => [toCrm] });
      expect(await claimFrom(store.ledger, { now: aMoment + 100 })).toEqual([]);
      await store.ledger.settle(arrived(claim));
      expect((await claimOne(store.ledger, { now: aMoment + 100 })).about?.ref).toBe("there-1");
    });

    test("a follow-up is not added beyond its limit", async () => {
      const leadId = await delivered();
      const confirm: FollowUp = { ...toCrm, event: "confirmation.requested", purpose: "enquiry" };
      const request = { now: aMoment + 50, most: 2 };
      const ids = [];
      for (let i = 0; i < 3; i++) ids.push(await store.ledger.addFollowUp(leadId, confirm, request));
      expect(ids).toEqual([deliveryIdOf(leadId, "crm", "confirm-1"), deliveryIdOf(leadId, "crm", "confirm-2"), null]);
      expect(await store.ledger.addFollowUp(aLead().id, confirm, request)).toBeNull();
    });

    test("what a consent event tells comes back to the letter", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      const event = aConsent({ locale: "de", recipients: ["Example Ltd", "Beispiel GmbH"], formVersion: "7" });
      await store.ledger.recordConsent(lead.id, event, anActor);
      expect((await store.ledger.findLead(lead.id))?.lead.consents).toEqual([event]);
    });
  });
}
