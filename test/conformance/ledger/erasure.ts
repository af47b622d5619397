import { describe, expect, test } from "vitest";
import type { EraseRequest, FollowUp, LeadRecord } from "../../../src/ledger/ledger.ts";
import { deliveryIdOf, type LeadId } from "../../../src/model/id.ts";
import { aConsent, aDelivery, aLead, aMoment, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, buried, claimFrom, claimOne, deliveryOf, putOff } from "./steps.ts";

const toErase: FollowUp = {
  destination: "crm",
  event: "lead.erased",
  kind: "webhook",
  purpose: "enquiry",
  reason: null,
};
const later = aMoment + 1_000;

function request(overrides: Partial<EraseRequest> = {}): EraseRequest {
  return { tombstones: [], now: later, actor: anActor, followUps: () => [], ...overrides };
}

export function describeErasure(open: OpenLedger): void {
  describe("erase", () => {
    const store = useLedger(open);

    test("nothing of the person is left in the record, and the tombstone stays", async () => {
      const lead = aLead({
        name: "Ada Lovelace",
        phone: "+441632960123",
        message: "Call me",
        formData: { email: "ada@example.com", colour: "teal" },
        userAgent: "Browser 1",
        ipAddress: "hmac-sha256:k:1",
        attribution: { url: "https://example.com/?name=ada", referrer: null, parameters: {}, from: "referer" },
        consents: [aConsent({ text: "Yes, Ada" })],
      });
      await store.ledger.accept(anEntry({ lead }));
      await store.ledger.recordConsent(lead.id, aConsent({ pageUrl: "https://example.com/ada" }), anActor);
      const { erased } = await store.ledger.erase([lead.id], request());
      expect(erased).toEqual([lead.id]);
      const record = await store.ledger.findLead(lead.id);
      expect(record?.lead).toMatchObject({ state: "erased", form: "contact", email: null, consents: [], formData: {} });
      expect(JSON.stringify(record)).not.toMatch(/ada|lovelace|1632|call me|teal|browser/i);
    });

    test("whatever waited is cancelled, is never claimed, and cannot be replayed or released", async () => {
      const lead = aLead();
      const destinations = ["crm", "new", "dead", "withheld"];
      const deliveries = [
        ...["crm", "new", "dead"].map((destination) => aDelivery({ destination })),
        aWithheldDelivery({ destination: "withheld" }),
      ];
      await store.ledger.accept(anEntry({ lead, deliveries }));
      await store.ledger.settle(putOff(await claimOne(store.ledger)));
      await store.ledger.settle(buried(await claimOne(store.ledger, { destination: "dead" })));
      await store.ledger.erase([lead.id], request());
      for (const destination of destinations) {
        expect(await deliveryOf(store.ledger, lead.id, destination)).toMatchObject({
          state: "cancelled",
          reason: { code: "erased" },
        });
        expect(await claimFrom(store.ledger, { destination, now: aMoment + 1e9 })).toEqual([]);
      }
      const ids = destinations.map((one) => deliveryIdOf(lead.id, one));
      const { replayed, refused } = await store.ledger.replay({ ids }, { now: later, actor: anActor });
      expect(replayed).toEqual([]);
      expect(refused.map(({ message }) => message)).toEqual(ids.map(() => "belongs to an erased lead"));
      await expect(store.ledger.recordConsent(lead.id, aConsent(), anActor)).rejects.toMatchObject({ code: "erased" });
    });

    test("what is under way ends with its attempt, and its result is kept", async () => {
      for (const end of [arrived, putOff, buried]) {
        const lead = aLead();
        await store.ledger.accept(anEntry({ lead }));
        const claim = await claimOne(store.ledger);
        await store.ledger.erase([lead.id], request());
        expect(await store.ledger.settle(end(claim))).toBe(true);
        const { state, ref } = await deliveryOf(store.ledger, lead.id);
        expect([state, ref]).toEqual(end === arrived ? ["delivered", "there-1"] : ["cancelled", null]);
        expect(await claimFrom(store.ledger, { now: aMoment + 1e9 })).toEqual([]);
      }
    });

    test("a destination that holds the lead has to erase it, after what is under way has ended", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      const claim = await claimOne(store.ledger);
      await store.ledger.saveProgress({ deliveryId: claim.delivery.id, n: 1 }, { contact: "17" });
      const seen: LeadRecord[] = [];
      const followUps = (record: LeadRecord): FollowUp[] => {
        seen.push(record);
        return [toErase];
      };
      const { followUps: added } = await store.ledger.erase([lead.id], request({ followUps }));
      expect(seen[0]?.lead.email).toBe(lead.email);
      expect(added).toEqual([deliveryIdOf(lead.id, "crm", "erased-1")]);
      expect(await claimFrom(store.ledger, { now: later })).toEqual([]);
      await store.ledger.settle(putOff(claim, { uncertain: true }));
      const erasure = await claimOne(store.ledger, { now: later });
      expect(erasure).toMatchObject({
        delivery: { event: "lead.erased" },
        lead: { state: "erased", email: null },
        about: { state: "cancelled", uncertain: true, progress: { contact: "17" } },
      });
      await store.ledger.settle(arrived(erasure));
      expect((await deliveryOf(store.ledger, lead.id)).progress).toBeNull();
    });

    test("a failed erasure is retried, and a dead one can be replayed", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      const { followUps } = await store.ledger.erase([lead.id], request({ followUps: () => [toErase] }));
      await store.ledger.settle(putOff(await claimOne(store.ledger, { now: later }), { dueAt: later + 5 }));
      await store.ledger.settle(buried(await claimOne(store.ledger, { now: later + 5 })));
      const { replayed } = await store.ledger.replay({ ids: followUps }, { now: later + 9, actor: anActor });
      expect(replayed).toEqual(followUps);
      expect((await claimOne(store.ledger, { now: later + 9 })).delivery.id).toBe(followUps[0]);
    });

    test("a retry of an erased lead's submission brings nobody back", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead, key: "key-1" }));
      await store.ledger.erase([lead.id], request());
      const again = await store.ledger.accept(anEntry({ lead: aLead(), key: "key-1" }));
      expect(again).toEqual({ leadId: lead.id, repeated: true });
      expect((await store.ledger.findLead(lead.id))?.lead.state).toBe("erased");
    });

    test("a tombstone tells when the person was erased last, also after a restart", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      expect(await store.ledger.erasedAt("hash")).toBeNull();
      await store.ledger.erase([lead.id], request({ tombstones: ["hash"], now: later }));
      await store.ledger.erase([], request({ tombstones: ["hash"], now: later - 500 }));
      expect(await (await store.reopen()).erasedAt("hash")).toBe(later);
    });

    test("erasing twice, or what never was, changes nothing", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      await store.ledger.erase([lead.id], request());
      const again = await store.ledger.erase([lead.id, aLead().id], request({ followUps: () => [toErase] }));
      expect(again).toEqual({ erased: [], followUps: [] });
    });

    test("others are left alone", async () => {
      const [gone, stays] = [aLead(), aLead({ name: "Grace Hopper" })];
      for (const lead of [gone, stays]) await store.ledger.accept(anEntry({ lead }));
      const before = await store.ledger.findLead(stays.id);
      await store.ledger.erase([gone.id], request({ tombstones: [gone.person ?? ""] }));
      expect(await store.ledger.findLead(stays.id)).toEqual(before);
      expect((await claimOne(store.ledger)).lead.id).toBe(stays.id satisfies LeadId);
    });

    test("an erased lead leaves what shows statuses and what sends one in a time", async () => {
      const lead = aLead();
      await store.ledger.accept(anEntry({ lead }));
      await store.ledger.erase([lead.id], request({ tombstones: [lead.person ?? ""] }));
      expect(await store.ledger.statusMarks("crm", 10)).toEqual([]);
    });
  });
}
