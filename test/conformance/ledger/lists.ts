import { describe, expect, test } from "vitest";
import type { LeadFilter } from "../../../src/ledger/ledger.ts";
import type { Lead } from "../../../src/model/lead.ts";
import { aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { arrived, buried, claimFrom, claimOne, listed, putOff } from "./steps.ts";

export function describeLists(open: OpenLedger): void {
  describe("listLeads", () => {
    const store = useLedger(open);
    const idsOf = async (filter: LeadFilter = {}) => (await listed(store.ledger, filter)).map(({ lead }) => lead.id);

    async function accepted(overrides: Partial<Lead> = {}, deliveries = [aDelivery()]) {
      const lead = aLead(overrides);
      await store.ledger.accept(anEntry({ lead, deliveries }));
      return lead.id;
    }

    test("an empty store lists nothing", async () => {
      expect(await idsOf()).toEqual([]);
    });

    test("the newest comes first, with all that findLead tells", async () => {
      const first = await accepted();
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      const second = await accepted();
      expect(await listed(store.ledger)).toEqual([
        await store.ledger.findLead(second),
        await store.ledger.findLead(first),
      ]);
    });

    test("by form", async () => {
      await accepted();
      const quote = await accepted({ form: "quote" });
      expect(await idsOf({ form: "quote" })).toEqual([quote]);
    });

    test("by the lead's state", async () => {
      await accepted();
      const quarantined = await accepted({ state: "quarantined" });
      expect(await idsOf({ state: "quarantined" })).toEqual([quarantined]);
    });

    test("by time, from `since` on and before `until`", async () => {
      await accepted({ receivedAt: aMoment - 1 });
      const from = await accepted({ receivedAt: aMoment });
      const last = await accepted({ receivedAt: aMoment + 9 });
      await accepted({ receivedAt: aMoment + 10 });
      expect(await idsOf({ since: aMoment, until: aMoment + 10 })).toEqual([last, from]);
    });

    test("by destination", async () => {
      await accepted();
      const both = await accepted({}, [aDelivery(), aDelivery({ destination: "sheet" })]);
      expect(await idsOf({ destination: "sheet" })).toEqual([both]);
    });

    test("by a delivery's state, at any destination or at one", async () => {
      await accepted();
      const here = await accepted({}, [aWithheldDelivery(), aDelivery({ destination: "sheet" })]);
      const there = await accepted({}, [aDelivery(), aWithheldDelivery({ destination: "sheet" })]);
      expect(await idsOf({ deliveryState: "withheld" })).toEqual([there, here]);
      expect(await idsOf({ deliveryState: "withheld", destination: "sheet" })).toEqual([there]);
    });

    test("by the code of a delivery's reason, of the same delivery as its state and destination", async () => {
      const reason = { code: "quarantined", message: "suspected spam" };
      await accepted({}, [aWithheldDelivery({ destination: "sheet" })]);
      const held = await accepted({}, [aWithheldDelivery(), aWithheldDelivery({ destination: "sheet", reason })]);
      expect(await idsOf({ reasonCode: "quarantined" })).toEqual([held]);
      expect(await idsOf({ reasonCode: "quarantined", deliveryState: "withheld", destination: "sheet" })).toEqual([
        held,
      ]);
      expect(await idsOf({ reasonCode: "quarantined", deliveryState: "withheld", destination: "crm" })).toEqual([]);
    });

    test("all conditions hold together", async () => {
      await accepted({ form: "quote" });
      await accepted({}, [aWithheldDelivery()]);
      await accepted({ form: "quote", receivedAt: aMoment - 1 }, [aWithheldDelivery()]);
      const match = await accepted({ form: "quote" }, [aWithheldDelivery()]);
      const filter = {
        form: "quote",
        state: "active",
        deliveryState: "withheld",
        destination: "crm",
        since: aMoment,
      } as const;
      expect(await idsOf({ ...filter, until: aMoment + 1, limit: 10 })).toEqual([match]);
    });

    test("a limit cuts after the newest", async () => {
      await accepted();
      const newest = [await accepted(), await accepted()].toReversed();
      expect(await idsOf({ limit: 2 })).toEqual(newest);
      expect(await idsOf({ limit: 0 })).toEqual([]);
    });

    test("a long list is whole and without repeats while leads arrive", async () => {
      const entries = Array.from({ length: 450 }, () => anEntry());
      await Promise.all(entries.map((entry) => store.ledger.accept(entry)));
      const seen: string[] = [];
      for await (const { lead } of store.ledger.listLeads({})) {
        if (seen.length % 50 === 0) await accepted();
        seen.push(lead.id);
      }
      expect(seen).toHaveLength(450);
      expect(new Set(seen)).toEqual(new Set(entries.map(({ lead }) => lead.id)));
    });

    test("a limit beyond one page is kept exactly", async () => {
      await Promise.all(Array.from({ length: 450 }, () => accepted()));
      expect(await idsOf({ limit: 400 })).toEqual((await idsOf()).slice(0, 400));
      expect(await idsOf({ limit: 201 })).toHaveLength(201);
    });
  });

  describe("backlog", () => {
    const store = useLedger(open);

    test("an empty store has none", async () => {
      expect(await store.ledger.backlog()).toEqual([]);
    });

    test("it counts what still wants something by destination and state, and nothing delivered", async () => {
      const deliveries = [aDelivery(), aDelivery({ destination: "sheet" }), aWithheldDelivery({ destination: "mail" })];
      for (let i = 0; i < 5; i++) await store.ledger.accept(anEntry({ deliveries }));
      const [one, two, three] = await claimFrom(store.ledger, { limit: 4 });
      if (!one || !two || !three) throw new Error("nothing claimed");
      await store.ledger.settle(arrived(one));
      await store.ledger.settle(buried(two));
      await store.ledger.settle(putOff(three));
      const rows = (await store.ledger.backlog()).map(({ destination, state, count }) => [destination, state, count]);
      expect(rows.map((row) => row.join(" ")).toSorted()).toEqual([
        "crm claimed 1",
        "crm dead 1",
        "crm pending 2",
        "mail withheld 5",
        "sheet pending 5",
      ]);
    });
  });
}
