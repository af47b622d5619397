import { describe, expect, test } from "vitest";
import type { Expiry, Ledger } from "../../../src/ledger/ledger.ts";
import { oneActMs } from "../../../src/ledger/retention-act.ts";
import type { Lead } from "../../../src/model/lead.ts";
import { aConsent, aLead, aMoment, anEntry } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor, arrived, claimFrom, claimOne, deliveryOf } from "./steps.ts";

const old = (form = "contact"): Expiry => ({ what: "leads", form, state: "active", before: aMoment });
const request = { limit: 2, now: aMoment, actor: anActor };

export function describeExpiry(open: OpenLedger): void {
  describe("retention", () => {
    const store = useLedger(open);

    async function accepted(overrides: Partial<Lead>, key: string | null = null): Promise<Lead> {
      const lead = aLead(overrides);
      await store.ledger.accept(anEntry({ lead, key }));
      return lead;
    }

    async function runAll(ledger: Ledger, expiry: Expiry): Promise<number> {
      let ended = 0;
      for (let n = await ledger.expire(expiry, request); n > 0; n = await ledger.expire(expiry, request)) ended += n;
      return ended;
    }

    test("leads older than the bound go, of that form and state alone, and leave nothing", async () => {
      const gone = [];
      for (let i = 0; i < 5; i++) gone.push(await accepted({ receivedAt: aMoment - 5 + i, consents: [aConsent()] }));
      const kept = [
        await accepted({ receivedAt: aMoment }),
        await accepted({ form: "quote", receivedAt: aMoment - 5 }),
        await accepted({ state: "quarantined", receivedAt: aMoment - 5 }),
      ];
      expect(await store.ledger.countExpired(old())).toBe(5);
      expect(await runAll(store.ledger, old())).toBe(5);
      expect(await store.ledger.countExpired(old())).toBe(0);
      for (const { id } of gone) expect(await store.ledger.findLead(id)).toBeNull();
      for (const { id } of kept) expect(await store.ledger.findLead(id)).not.toBeNull();
      expect((await claimFrom(store.ledger)).map(({ lead }) => lead.id)).not.toContain(gone[0]?.id);
    });

    test("a lead whose delivery is under way is left for the next time", async () => {
      const lead = await accepted({ receivedAt: aMoment - 5 });
      const claim = await claimOne(store.ledger);
      expect(await runAll(store.ledger, old())).toBe(0);
      await store.ledger.settle(arrived(claim));
      expect(await runAll(store.ledger, old())).toBe(1);
      expect(await store.ledger.findLead(lead.id)).toBeNull();
    });

    test("a lead that comes after the newest one is gone is delivered like any", async () => {
      await accepted({ receivedAt: aMoment - 5 });
      await store.ledger.settle(arrived(await claimOne(store.ledger)));
      expect(await runAll(store.ledger, old())).toBe(1);
      const next = await accepted({});
      expect((await claimOne(store.ledger)).lead.id).toBe(next.id);
    });

    test("the steps of a run are one act, until something else is done", async () => {
      for (let i = 0; i < 5; i++) await accepted({ receivedAt: aMoment - 5 + i });
      await store.ledger.expire(old(), { ...request, limit: 1 });
      await store.ledger.expire(old(), { ...request, now: aMoment + 1, limit: 1 });
      await store.ledger.recordAct({ at: aMoment + 2, actor: anActor, act: "looked", subject: "contact" });
      await store.ledger.expire(old(), { ...request, now: aMoment + 3, limit: 1 });
      await store.ledger.expire(old(), {
        ...request,
        now: aMoment + 4,
        limit: 1,
        actor: { ...anActor, name: "other" },
      });
      await store.ledger.expire(old(), { ...request, now: aMoment + 4 + oneActMs, limit: 1 });
      const acts = await store.ledger.acts({ limit: 9 });
      expect(acts.map(({ at, act, actor }) => [at - aMoment, act, actor.name]).reverse()).toEqual([
        [1, "retention: 2 leads", anActor.name],
        [2, "looked", anActor.name],
        [3, "retention: 1 leads", anActor.name],
        [4, "retention: 1 leads", "other"],
        [4 + oneActMs, "retention: 1 leads", anActor.name],
      ]);
    });

    test("the key of a lead that is gone is free again", async () => {
      const lead = await accepted({ receivedAt: aMoment - 5 }, "key-1");
      await runAll(store.ledger, old());
      const next = aLead();
      expect(await store.ledger.accept(anEntry({ lead: next, key: "key-1" }))).toEqual({
        leadId: next.id,
        repeated: false,
      });
      expect(next.id).not.toBe(lead.id);
    });

    test("old attempts of deliveries that are over go, and the delivery stays", async () => {
      const done = await accepted({ receivedAt: aMoment - 50 });
      await store.ledger.settle(arrived(await claimOne(store.ledger, { now: aMoment - 40 })));
      const waiting = await accepted({ receivedAt: aMoment - 30 });
      await claimOne(store.ledger, { now: aMoment - 30 });
      const expiry: Expiry = { what: "attempts", form: "contact", before: aMoment };
      expect(await store.ledger.countExpired(expiry)).toBe(1);
      expect(await runAll(store.ledger, expiry)).toBe(1);
      expect(await deliveryOf(store.ledger, done.id)).toMatchObject({ state: "delivered", attempts: 1, history: [] });
      expect((await deliveryOf(store.ledger, waiting.id)).history).toHaveLength(1);
    });

    test("attempts become due again later", async () => {
      const expiry: Expiry = { what: "attempts", form: "contact", before: aMoment };
      await accepted({ receivedAt: aMoment - 50 });
      const claim = await claimOne(store.ledger, { now: aMoment - 40 });
      expect(await runAll(store.ledger, expiry)).toBe(0);
      await store.ledger.settle(arrived(claim));
      expect(await runAll(store.ledger, expiry)).toBe(1);
    });
  });
}
