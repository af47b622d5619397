import { describe, expect, test, vi } from "vitest";
import type { Json, JsonObject } from "../../../src/model/json.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, listed, putOff } from "./steps.ts";

export function describeDurability(open: OpenLedger): void {
  describe("what is on record", () => {
    const store = useLedger(open);

    test("everything is the same after a restart", async () => {
      const deliveries = [aDelivery(), aWithheldDelivery({ destination: "mail" })];
      for (let i = 0; i < 5; i++) await store.ledger.accept(anEntry({ deliveries, key: `k${i}` }));
      const [one, two, three, four] = await claimFrom(store.ledger, { limit: 4 });
      if (!one || !two || !three || !four) throw new Error("nothing claimed");
      await store.ledger.settle(arrived(one));
      await store.ledger.settle(buried(two));
      await store.ledger.settle(putOff(three));
      await store.ledger.saveProgress({ deliveryId: four.delivery.id, n: 1 }, { person: "17" });
      await store.ledger.recordConsent(one.lead.id, aConsent({ at: aMoment + 1 }), anActor);
      const before = await listed(store.ledger);
      const reopened = await store.reopen();
      expect(await listed(reopened)).toEqual(before);
    });

    test.for<[string, JsonObject]>([
      ["emoji and combined ones", { message: "👩🏽‍🚀🇪🇺 e\u0301" }],
      ["right-to-left text", { message: "שלום \u202Eעולם\u202C مرحبا" }],
      ["control characters", { message: "a\u0001b\r\n\t\u2028\u007f!" }],
      ["quotes and SQL", { "a'; DROP TABLE leads; --": `"'\\` }],
      ["a megabyte", { message: "ü".repeat(500_000) }],
      ["deep nesting", { deep: nested(200) }],
      ["every kind of JSON", { list: [1, -0.5, 1e300, true, false, null, "", [], {}], object: { "": "empty key" } }],
      ["a field named __proto__", JSON.parse('{"__proto__":"x","constructor":"y"}') as JsonObject],
    ])("a lead with %s comes back equal", async ([, formData]) => {
      const lead = aLead({ message: typeof formData.message === "string" ? formData.message : null, formData });
      await store.ledger.accept(anEntry({ lead }));
      const { lead: read } = (await store.ledger.findLead(lead.id)) ?? {};
      expect(read).toEqual(lead);
      expect(JSON.stringify(read?.formData)).toBe(JSON.stringify(formData));
    });

    test("consent wording comes back to the letter", async () => {
      const lead = aLead({ consents: [aConsent({ text: "Ja, gerne ✅ — “Angebote”\u00a0erhalten\r\n!" })] });
      await store.ledger.accept(anEntry({ lead }));
      expect((await store.ledger.findLead(lead.id))?.lead.consents).toEqual(lead.consents);
    });
  });

  describe("two handles on one store", () => {
    const store = useLedger(open);

    test("a person's act through this handle wakes the listener", async () => {
      const entry = anEntry();
      await store.ledger.accept(entry);
      let calls = 0;
      store.ledger.onWake(() => calls++);
      await store.ledger.recordConsent(entry.lead.id, aConsent(), anActor);
      expect(calls).toBe(1);
    });

    test("a commit through another handle wakes the listener", async () => {
      const second = await store.openSecond();
      let calls = 0;
      store.ledger.onWake(() => calls++);
      await second.accept(anEntry());
      await vi.waitFor(() => expect(calls).toBeGreaterThan(0), 10_000);
    });

    test("a foreign commit wakes the listener also when an own one follows at once", async () => {
      const second = await store.openSecond();
      let calls = 0;
      store.ledger.onWake(() => calls++);
      await second.accept(anEntry());
      await store.ledger.accept(anEntry());
      await vi.waitFor(() => expect(calls).toBeGreaterThan(0), 10_000);
    });

    test("an unsubscribed listener is not called, the others are", async () => {
      const second = await store.openSecond();
      const calls = { gone: 0, there: 0 };
      const unsubscribe = store.ledger.onWake(() => calls.gone++);
      store.ledger.onWake(() => calls.there++);
      unsubscribe();
      await second.accept(anEntry());
      await vi.waitFor(() => expect(calls.there).toBeGreaterThan(0), 10_000);
      expect(calls.gone).toBe(0);
    });

    test("what one handle commits, the other one claims", async () => {
      const second = await store.openSecond();
      const entry = anEntry();
      await second.accept(entry);
      expect((await claimOne(store.ledger)).lead).toEqual(entry.lead);
    });
  });

  describe("close", () => {
    const store = useLedger(open);

    test("it finishes the writes begun before it", async () => {
      const entries = Array.from({ length: 50 }, () => anEntry());
      const writes = entries.map((entry) => store.ledger.accept(entry));
      const reopened = await store.reopen();
      await Promise.all(writes);
      expect(await listed(reopened)).toHaveLength(50);
    });

    test("a write after it is refused", async () => {
      await store.ledger.close();
      await expect(store.ledger.accept(anEntry())).rejects.toMatchObject({ code: "ledger_unavailable" });
      await expect(store.ledger.checkWritable()).rejects.toMatchObject({ code: "ledger_unavailable" });
    });

    test("closing twice is closing once", async () => {
      await store.ledger.close();
      await store.ledger.close();
    });
  });

  describe("checkWritable", () => {
    const store = useLedger(open);

    test("it resolves on a store that can be written, and leaves no trace", async () => {
      await store.ledger.checkWritable();
      expect(await listed(store.ledger)).toEqual([]);
    });
  });
}

function nested(depth: number): Json {
  return depth === 0 ? "bottom" : { level: depth, down: [nested(depth - 1)] };
}
