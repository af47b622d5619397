import { describe, expect, test } from "vitest";
import { deliveryIdOf } from "../../../src/model/id.ts";
import { aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, deliveryOf, leadsOf, putOff } from "./steps.ts";

export function describeReplay(open: OpenLedger): void {
  describe("replay", () => {
    const store = useLedger(open);
    const request = { now: aMoment + 1_000, actor: anActor };

    async function dead(destination = "crm") {
      await store.ledger.accept(anEntry({ deliveries: [aDelivery({ destination })] }));
      const { delivery } = await claimOne(store.ledger, { destination, now: aMoment });
      await store.ledger.settle(buried({ delivery, lead: aLead(), basis: "consent", about: null }));
      return delivery;
    }

    test("a dead letter chosen by id is due at once with a fresh schedule, and nothing else is", async () => {
      const chosen = await dead();
      const other = await dead();
      expect(await store.ledger.replay({ ids: [chosen.id] }, request)).toEqual({ replayed: [chosen.id], refused: [] });
      expect(await deliveryOf(store.ledger, chosen.leadId)).toMatchObject({
        state: "pending",
        dueAt: request.now,
        tries: 0,
        firstTryAt: null,
        reason: null,
      });
      expect((await deliveryOf(store.ledger, other.leadId)).state).toBe("dead");
    });

    test("attempt numbers go on and earlier attempts stay as they were", async () => {
      const { id, leadId } = await dead();
      const [before] = (await deliveryOf(store.ledger, leadId)).history;
      await store.ledger.replay({ ids: [id] }, request);
      const claim = await claimOne(store.ledger, { now: request.now });
      expect(claim.delivery).toMatchObject({ attempts: 2, firstTryAt: request.now });
      expect((await deliveryOf(store.ledger, leadId)).history[0]).toEqual(before);
    });

    test("all dead letters, everywhere", async () => {
      const all = [await dead(), await dead("sheet"), await dead()];
      const { replayed, refused } = await store.ledger.replay({ state: "dead" }, request);
      expect(replayed.toSorted()).toEqual(all.map(({ id }) => id).toSorted());
      expect(refused).toEqual([]);
    });

    test("all dead letters of one destination", async () => {
      const here = await dead("sheet");
      const elsewhere = await dead();
      const result = await store.ledger.replay({ state: "dead", destination: "sheet" }, request);
      expect(result).toEqual({ replayed: [here.id], refused: [] });
      expect((await deliveryOf(store.ledger, elsewhere.leadId)).state).toBe("dead");
    });

    test("one put off is sent now", async () => {
      await store.ledger.accept(anEntry());
      const claim = await claimOne(store.ledger);
      await store.ledger.settle(putOff(claim, { dueAt: aMoment + 86_400_000 }));
      await store.ledger.replay({ ids: [claim.delivery.id] }, request);
      expect(leadsOf(await claimFrom(store.ledger, { now: request.now }))).toEqual([claim.lead.id]);
    });

    test("a replayed one goes before retries", async () => {
      await store.ledger.accept(anEntry());
      const retried = await claimOne(store.ledger);
      await store.ledger.settle(putOff(retried, { dueAt: aMoment + 1 }));
      await store.ledger.accept(anEntry());
      await store.ledger.settle(putOff(await claimOne(store.ledger), { dueAt: aMoment }));
      const [claim] = await claimFrom(store.ledger, { limit: 1 });
      if (!claim) throw new Error("nothing claimed");
      await store.ledger.settle(buried(claim));
      const replayed = claim.delivery;
      await store.ledger.replay({ ids: [replayed.id] }, request);
      expect(leadsOf(await claimFrom(store.ledger, { now: request.now }))).toEqual([replayed.leadId, retried.lead.id]);
    });

    test("delivered, claimed, withheld, quarantined, erased and unknown ones are refused with a reason and unchanged", async () => {
      const [delivered, claimed] = [aLead(), aLead()];
      await store.ledger.accept(anEntry({ lead: delivered }));
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      await store.ledger.accept(anEntry({ lead: claimed }));
      await claimOne(store.ledger);
      const withheld = aLead();
      await store.ledger.accept(anEntry({ lead: withheld, deliveries: [aWithheldDelivery()] }));
      const quarantined = aLead({ state: "quarantined" });
      await store.ledger.accept(anEntry({ lead: quarantined }));
      const erased = aLead({ state: "erased" });
      await store.ledger.accept(anEntry({ lead: erased }));

      const onRecord = [delivered, claimed, withheld, quarantined, erased];
      const before = await Promise.all(onRecord.map(({ id }) => deliveryOf(store.ledger, id)));
      const ids = [...onRecord, aLead()].map(({ id }) => deliveryIdOf(id, "crm"));
      const { replayed, refused } = await store.ledger.replay({ ids: [...ids, "dlv_nonsense"] }, request);
      expect(replayed).toEqual([]);
      expect(refused.map(({ id }) => id)).toEqual([...ids, "dlv_nonsense"]);
      for (const { message } of refused) expect(message).not.toBe("");
      expect(await Promise.all(onRecord.map(({ id }) => deliveryOf(store.ledger, id)))).toEqual(before);
    });

    test("refused ones do not keep the others back, and one named twice is replayed once", async () => {
      const chosen = await dead();
      const unknown = deliveryIdOf(aLead().id, "crm");
      const { replayed, refused } = await store.ledger.replay({ ids: [unknown, chosen.id, chosen.id] }, request);
      expect(replayed).toEqual([chosen.id]);
      expect(refused).toHaveLength(1);
    });
  });
}
