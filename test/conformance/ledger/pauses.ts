import { describe, expect, test } from "vitest";
import type { Pause } from "../../../src/ledger/ledger.ts";
import { aMoment } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor } from "./steps.ts";

export function describePauses(open: OpenLedger): void {
  describe("pauses", () => {
    const store = useLedger(open);
    const byMachine: Pause = {
      destination: "crm",
      since: aMoment,
      by: "machine",
      reason: { code: "unauthorized", message: "answered 401", status: 401 },
    };
    const byPerson: Pause = { ...byMachine, by: "person", reason: { code: "paused", message: "paused by a person" } };
    const resumption = { now: aMoment + 1, actor: anActor };

    test("nothing is paused at first", async () => {
      expect(await store.ledger.pauses()).toEqual([]);
    });

    test("a pause is listed with its reason, after a restart too", async () => {
      await store.ledger.pause(byMachine);
      await store.ledger.pause({ ...byPerson, destination: "sheet" });
      const expected = [byMachine, { ...byPerson, destination: "sheet" }];
      expect(await store.ledger.pauses()).toEqual(expected);
      expect(await (await store.reopen()).pauses()).toEqual(expected);
    });

    test("a second pause keeps the first one's beginning and takes the newer reason", async () => {
      await store.ledger.pause(byMachine);
      const reason = { code: "gone", message: "answered 410", status: 410 };
      await store.ledger.pause({ ...byMachine, since: aMoment + 9, reason });
      expect(await store.ledger.pauses()).toEqual([{ ...byMachine, reason }]);
    });

    test("a person takes a machine's pause over, the machine never a person's", async () => {
      await store.ledger.pause(byMachine);
      await store.ledger.pause(byPerson);
      expect(await store.ledger.pauses()).toEqual([byPerson]);
      await store.ledger.pause(byMachine);
      expect(await store.ledger.pauses()).toEqual([byPerson]);
    });

    test("a resumed destination is paused no longer", async () => {
      await store.ledger.pause(byMachine);
      expect(await store.ledger.resume("crm", resumption)).toBe(true);
      expect(await store.ledger.pauses()).toEqual([]);
    });

    test("resuming what is not paused says so", async () => {
      await store.ledger.pause(byMachine);
      expect(await store.ledger.resume("sheet", resumption)).toBe(false);
      expect(await store.ledger.pauses()).toEqual([byMachine]);
    });

    test("a pause made through another handle is seen", async () => {
      await (await store.openSecond()).pause(byMachine);
      expect(await store.ledger.pauses()).toEqual([byMachine]);
    });
  });
}
