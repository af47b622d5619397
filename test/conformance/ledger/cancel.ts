import { describe, expect, test } from "vitest";
import { deliveryIdOf } from "../../../src/model/id.ts";
import { aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, deliveryOf } from "./steps.ts";

const reason = { code: "handled_by_hand", message: "done by hand" };
const request = { now: aMoment + 10, actor: anActor, reason };

export function describeCancel(open: OpenLedger): void {
  describe("cancel", () => {
    const store = useLedger(open);

    test("what waits, is withheld or dead ends with the reason given, and is never claimed", async () => {
      const lead = aLead();
      const deliveries = [aDelivery(), aWithheldDelivery({ destination: "sheet" }), aDelivery({ destination: "dead" })];
      await store.ledger.accept(anEntry({ lead, deliveries }));
      await store.ledger.settle(buried(await claimOne(store.ledger, { destination: "dead" })));
      const ids = ["crm", "sheet", "dead"].map((one) => deliveryIdOf(lead.id, one));
      expect(await store.ledger.cancel(ids, request)).toEqual({ cancelled: ids, refused: [] });
      for (const destination of ["crm", "sheet", "dead"]) {
        expect(await deliveryOf(store.ledger, lead.id, destination)).toMatchObject({ state: "cancelled", reason });
        expect(await claimFrom(store.ledger, { destination, now: aMoment + 1e9 })).toEqual([]);
      }
    });

    test("what is delivered, under way, cancelled already or unknown is refused, each with its why", async () => {
      const lead = aLead();
      const deliveries = ["done", "going", "over"].map((destination) => aDelivery({ destination }));
      await store.ledger.accept(anEntry({ lead, deliveries }));
      await store.ledger.settle(arrived(await claimOne(store.ledger, { destination: "done" })));
      await claimOne(store.ledger, { destination: "going" });
      await store.ledger.cancel([deliveryIdOf(lead.id, "over")], request);
      const ids = ["done", "going", "over", "nowhere"].map((one) => deliveryIdOf(lead.id, one));
      const { cancelled, refused } = await store.ledger.cancel([...ids, deliveryIdOf(aLead().id, "crm")], request);
      expect(cancelled).toEqual([]);
      expect(refused.map(({ message }) => message)).toEqual([
        "is delivered already",
        "is being delivered right now",
        "is cancelled already",
        "is not on record",
        "is not on record",
      ]);
    });

    test("a cancelled delivery can be replayed", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      const id = deliveryIdOf(lead.id, "crm");
      await store.ledger.cancel([id], request);
      expect((await store.ledger.replay({ ids: [id] }, { now: aMoment + 20, actor: anActor })).replayed).toEqual([id]);
      expect((await claimOne(store.ledger, { now: aMoment + 20 })).delivery.id).toBe(id);
    });
  });
}
