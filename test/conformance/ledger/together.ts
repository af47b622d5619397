import { describe, expect, test } from "vitest";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { until } from "../../support/until.ts";
import { type OpenLedger, useLedger } from "./opened.ts";

export function describeTogether(open: OpenLedger): void {
  describe("together", () => {
    const store = useLedger(open);
    const ada = { holder: "ada", forMs: 60_000 };
    const bob = { holder: "bob", forMs: 60_000 };

    test("a role is one holder's at a time, whichever handle asks", async () => {
      const second = await store.openSecond();
      expect(await store.ledger.together.lease("retention", ada)).toMatchObject({ role: "retention", holder: "ada" });
      expect(await second.together.lease("retention", bob)).toBeNull();
      expect(await second.together.lease("alerts", bob)).not.toBeNull();
    });

    test("of many who ask at once one gets it", async () => {
      const handles = [store.ledger, await store.openSecond(), await store.openSecond()];
      const asked = handles.flatMap(({ together }, i) =>
        Array.from({ length: 10 }, (_, j) => together.lease("retention", { holder: `${i}-${j}`, forMs: 60_000 })),
      );
      expect((await Promise.all(asked)).filter((lease) => lease !== null)).toHaveLength(1);
    });

    test("its holder keeps it under the same number", async () => {
      const { together } = store.ledger;
      const first = await together.lease("retention", ada);
      expect(await together.lease("retention", ada)).toEqual(first);
    });

    test("when its time is over another takes it over, under a higher number", async () => {
      const { together } = store.ledger;
      const first = await together.lease("retention", { ...ada, forMs: 30 });
      const second = await until(() => together.lease("retention", bob));
      expect(second.n).toBeGreaterThan(first?.n ?? 0);
      expect(await together.lease("retention", ada)).toBeNull();
    });

    test("one who was away while another had it gets it back under yet another number", async () => {
      const { together } = store.ledger;
      const first = await together.lease("retention", { ...ada, forMs: 1 });
      const second = await until(() => together.lease("retention", bob));
      await together.release(second);
      const third = await together.lease("retention", ada);
      expect(third?.n).toBeGreaterThan(second.n);
      expect(second.n).toBeGreaterThan(first?.n ?? 0);
    });

    test("a role given up is free at once, and giving up what another has by now changes nothing", async () => {
      const { together } = store.ledger;
      const first = await together.lease("retention", ada);
      if (!first) throw new Error("not leased");
      await together.release(first);
      expect(await together.lease("retention", bob)).not.toBeNull();
      await together.release(first);
      expect(await together.lease("retention", ada)).toBeNull();
    });

    test("a role outlives a restart of its holder", async () => {
      await store.ledger.together.lease("retention", ada);
      const reopened = await store.reopen();
      expect(await reopened.together.lease("retention", bob)).toBeNull();
      expect(await reopened.together.lease("retention", ada)).not.toBeNull();
    });

    test("no change of a note is lost, however many are made at once", async () => {
      const handles = [store.ledger, await store.openSecond()];
      await Promise.all(Array.from({ length: 40 }, (_, i) => addOne(handles[i % 2] as Ledger)));
      expect(await tokensOf(store.ledger)).toBe(40);
    });

    test("a note that is only looked at is not written", async () => {
      const versionOf = ({ together }: Ledger) =>
        together.change("pace", "crm", (_, { version }) => ({ answer: version }));
      expect([await versionOf(store.ledger), await tokensOf(store.ledger)]).toEqual([0, 0]);
      await addOne(store.ledger);
      expect([await versionOf(store.ledger), await versionOf(store.ledger)]).toEqual([1, 1]);
    });

    test("what one destination has noted is not another's", async () => {
      await addOne(store.ledger);
      expect(await store.ledger.together.change("pace", "sheet", (note) => ({ answer: note }))).toBeNull();
    });

    test("a decision that throws changes nothing", async () => {
      await addOne(store.ledger);
      const failing = store.ledger.together.change("pace", "crm", () => {
        throw new RangeError("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(await tokensOf(store.ledger)).toBe(1);
    });

    test("time is the store's, and goes on", async () => {
      const timeOf = ({ together }: Ledger) => together.change("pace", "crm", (_, { now }) => ({ answer: now }));
      const begun = await timeOf(store.ledger);
      expect(begun).toBeGreaterThan(Date.UTC(2020));
      await until(async () => (await timeOf(store.ledger)) > begun);
    });
  });
}

function addOne({ together }: Ledger): Promise<void> {
  return together.change("pace", "crm", (note, { now }) => ({
    note: { tokens: (note?.tokens ?? 0) + 1, at: now },
    answer: undefined,
  }));
}

function tokensOf({ together }: Ledger): Promise<number> {
  return together.change("pace", "crm", (note) => ({ answer: note?.tokens ?? 0 }));
}
