import { describe, expect, test } from "vitest";
import { deliveryIdOf } from "../../../src/model/id.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, claimFrom, claimOne, closedGate, deliveryOf, leadsOf, putOff } from "./steps.ts";

export function describeConsents(open: OpenLedger): void {
  describe("recordConsent", () => {
    const store = useLedger(open);

    test("events are appended and never changed", async () => {
      const first = aConsent({ action: "refused" });
      const lead = aLead({ consents: [first] });
      await store.ledger.accept(anEntry({ lead }));
      const later = [
        aConsent({ source: "api", control: null, pageUrl: null }),
        aConsent({ action: "withdrawn", source: "command", at: aMoment + 1, text: null }),
      ];
      for (const event of later) await store.ledger.recordConsent(lead.id, event, anActor);
      expect((await store.ledger.findLead(lead.id))?.lead.consents).toEqual([first, ...later]);
    });

    test("a grant makes due what was withheld for that purpose, and nothing else", async () => {
      const lead = aLead();
      const deliveries = [
        aWithheldDelivery(),
        aWithheldDelivery({ destination: "sheet" }),
        aWithheldDelivery({ destination: "newsletter", purpose: "marketing" }),
      ];
      await store.ledger.accept(anEntry({ lead, deliveries }));
      const { released } = await store.ledger.recordConsent(lead.id, aConsent({ at: aMoment + 7 }), anActor);
      expect(released.toSorted()).toEqual([deliveryIdOf(lead.id, "crm"), deliveryIdOf(lead.id, "sheet")]);
      expect(await deliveryOf(store.ledger, lead.id)).toMatchObject({
        state: "pending",
        dueAt: aMoment + 7,
        reason: null,
      });
      expect((await deliveryOf(store.ledger, lead.id, "newsletter")).state).toBe("withheld");
    });

    test("a grant releases no other lead's deliveries", async () => {
      const [lead, other] = [aLead(), aLead()];
      for (const each of [lead, other]) {
        await store.ledger.accept(anEntry({ lead: each, deliveries: [aWithheldDelivery()] }));
      }
      await store.ledger.recordConsent(lead.id, aConsent(), anActor);
      expect(leadsOf(await claimFrom(store.ledger))).toEqual([lead.id]);
    });

    test("what was withheld between attempts goes on where it was", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      await store.ledger.settle(putOff(await claimOne(store.ledger), { dueAt: aMoment, uncertain: true }));
      await claimFrom(store.ledger, { gate: () => closedGate });
      await store.ledger.recordConsent(lead.id, aConsent(), anActor);
      expect((await claimOne(store.ledger)).delivery).toMatchObject({ attempts: 2, tries: 1, uncertain: true });
    });

    test.for(["refused", "requested"] as const)("an event %s releases nothing", async (action) => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead, deliveries: [aWithheldDelivery()] }));
      expect(await store.ledger.recordConsent(lead.id, aConsent({ action }), anActor)).toMatchObject({ released: [] });
      expect((await deliveryOf(store.ledger, lead.id)).state).toBe("withheld");
    });

    test("a grant releases nothing of a quarantined lead", async () => {
      const lead = aLead({ state: "quarantined" });
      await store.ledger.accept(anEntry({ lead, deliveries: [aWithheldDelivery()] }));
      expect(await store.ledger.recordConsent(lead.id, aConsent(), anActor)).toMatchObject({ released: [] });
      expect((await deliveryOf(store.ledger, lead.id)).state).toBe("withheld");
    });

    test("a grant changes nothing about deliveries that are not withheld", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead, deliveries: [aDelivery()] }));
      await store.ledger.settle(putOff(await claimOne(store.ledger)));
      const before = await deliveryOf(store.ledger, lead.id);
      expect(await store.ledger.recordConsent(lead.id, aConsent(), anActor)).toMatchObject({ released: [] });
      expect(await deliveryOf(store.ledger, lead.id)).toEqual(before);
    });

    test("an event for an unknown lead is refused", async () => {
      await expect(store.ledger.recordConsent(aLead().id, aConsent(), anActor)).rejects.toMatchObject({
        code: "unknown_lead",
      });
    });
  });
}
