import { describe, expect, test } from "vitest";
import { deliveryIdOf } from "../../../src/model/id.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { deliveryOf, listed } from "./steps.ts";

export function describeAccept(open: OpenLedger): void {
  describe("accept", () => {
    const store = useLedger(open);

    test("an accepted lead comes back equal, with its consents in their order", async () => {
      const lead = aLead({
        name: "Ada Example",
        firstName: "Ada",
        lastName: "Example",
        phone: "+4420000000",
        company: "Example Ltd",
        message: "Hello",
        timezone: "Europe/London",
        attribution: {
          url: "https://example.com/?gclid=Ab",
          referrer: null,
          parameters: { gclid: "Ab" },
          from: "script",
        },
        ipAddress: "hmac-sha256:1:00ff",
        userAgent: "a browser",
        consents: [aConsent(), aConsent({ purpose: "marketing", action: "refused", text: null, version: null })],
      });
      await store.ledger.accept(anEntry({ lead }));
      expect((await store.ledger.findLead(lead.id))?.lead).toEqual(lead);
    });

    test("a new delivery is pending and due since the lead came in", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      expect(await deliveryOf(store.ledger, lead.id)).toEqual({
        id: deliveryIdOf(lead.id, "crm"),
        leadId: lead.id,
        destination: "crm",
        event: "lead.created",
        kind: "webhook",
        purpose: "enquiry",
        state: "pending",
        dueAt: aMoment,
        tries: 0,
        attempts: 0,
        firstTryAt: null,
        uncertain: false,
        superseded: false,
        progress: null,
        reason: null,
        ref: null,
        warnings: [],
        history: [],
      });
    });

    test("a delivery accepted as withheld keeps its reason and is not due", async () => {
      const lead = aLead();
      const delivery = aWithheldDelivery();
      await store.ledger.accept(anEntry({ lead, deliveries: [delivery] }));
      const { state, dueAt, reason } = await deliveryOf(store.ledger, lead.id);
      expect({ state, dueAt, reason }).toEqual({ state: "withheld", dueAt: null, reason: delivery.reason });
      expect(await store.ledger.nextDue("crm")).toBeNull();
    });

    test("an unknown lead is null", async () => {
      expect(await store.ledger.findLead(aLead().id)).toBeNull();
    });

    test("a lead one of whose deliveries cannot be written is not on record, and its key is free", async () => {
      const entry = anEntry({ deliveries: [aDelivery(), aDelivery()], key: "k" });
      await expect(store.ledger.accept(entry)).rejects.toThrow();
      expect(await store.ledger.findLead(entry.lead.id)).toBeNull();
      expect(await store.ledger.nextDue("crm")).toBeNull();
      expect(await store.ledger.accept({ ...entry, deliveries: [aDelivery()] })).toMatchObject({ repeated: false });
    });

    test("an entry that cannot be written takes no other one down", async () => {
      const good = Array.from({ length: 20 }, () => anEntry());
      const bad = anEntry({ deliveries: [aDelivery(), aDelivery()] });
      const all = [...good.slice(0, 10), bad, ...good.slice(10)];
      const results = await Promise.allSettled(all.map((entry) => store.ledger.accept(entry)));
      expect(results.map(({ status }) => status)).toEqual(
        all.map((entry) => (entry === bad ? "rejected" : "fulfilled")),
      );
      expect(await listed(store.ledger)).toHaveLength(20);
    });

    test("a repeated key gives the earlier lead back and writes nothing", async () => {
      const first = anEntry({ key: "k" });
      const second = anEntry({ key: "k" });
      expect(await store.ledger.accept(first)).toEqual({ leadId: first.lead.id, repeated: false });
      expect(await store.ledger.accept(second)).toEqual({ leadId: first.lead.id, repeated: true });
      expect((await listed(store.ledger)).map(({ lead }) => lead.id)).toEqual([first.lead.id]);
    });

    test("one key sent many times at once, through two handles, makes one lead", async () => {
      const second = await store.openSecond();
      const results = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? second : store.ledger).accept(anEntry({ key: "k" }))),
      );
      expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(new Set(results.map(({ leadId }) => leadId)).size).toBe(1);
      expect(await listed(store.ledger)).toHaveLength(1);
    });

    test("a key is remembered after a restart", async () => {
      const first = anEntry({ key: "k" });
      await store.ledger.accept(first);
      const reopened = await store.reopen();
      expect(await reopened.accept(anEntry({ key: "k" }))).toEqual({ leadId: first.lead.id, repeated: true });
    });

    test("the same key at another form is another lead", async () => {
      await store.ledger.accept(anEntry({ key: "k" }));
      const other = anEntry({ lead: aLead({ form: "quote" }), key: "k" });
      expect(await store.ledger.accept(other)).toEqual({ leadId: other.lead.id, repeated: false });
    });

    test("entries without a key are never repeats", async () => {
      await store.ledger.accept(anEntry());
      expect(await store.ledger.accept(anEntry())).toMatchObject({ repeated: false });
    });

    test("500 leads accepted at once are all on record with all their deliveries", async () => {
      const deliveries = [aDelivery(), aDelivery({ destination: "sheet" }), aWithheldDelivery({ destination: "mail" })];
      const entries = Array.from({ length: 500 }, () => anEntry({ deliveries }));
      await Promise.all(entries.map((entry) => store.ledger.accept(entry)));
      const records = await listed(store.ledger);
      expect(new Set(records.map(({ lead }) => lead.id))).toEqual(new Set(entries.map(({ lead }) => lead.id)));
      for (const record of records) {
        expect(record.deliveries.map(({ destination }) => destination).sort()).toEqual(["crm", "mail", "sheet"]);
      }
    });
  });
}
