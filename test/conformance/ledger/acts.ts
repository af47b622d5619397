import { describe, expect, test } from "vitest";
import { deliveryIdOf } from "../../../src/model/id.ts";
import { aLead, aMoment } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor } from "./steps.ts";

export function describeActs(open: OpenLedger): void {
  describe("acts", () => {
    const store = useLedger(open);
    const record = (act: string, subject = "crm") =>
      store.ledger.recordAct({ at: aMoment, actor: anActor, act, subject });

    test("what was recorded is listed, the newest first, after a restart too", async () => {
      await record("pause");
      await record("test", "lead_1");
      const ledger = await store.reopen();
      const acts = await ledger.acts({ limit: 10 });
      expect(acts.map(({ n, ...act }) => act)).toEqual([
        { at: aMoment, actor: anActor, act: "test", subject: "lead_1" },
        { at: aMoment, actor: anActor, act: "pause", subject: "crm" },
      ]);
    });

    test("pages follow each other by the number of an act", async () => {
      for (const act of ["one", "two", "three"]) await record(act);
      const first = await store.ledger.acts({ limit: 2 });
      const last = await store.ledger.acts({ limit: 2, before: first.at(-1)?.n ?? 0 });
      expect([...first, ...last].map(({ act }) => act)).toEqual(["three", "two", "one"]);
    });

    test("those of one lead are what was done to it and to its deliveries, follow-ups included", async () => {
      const [lead, other] = [aLead().id, aLead().id];
      await record("consent withdrawn: enquiry", lead);
      await record("replay", deliveryIdOf(lead, "crm"));
      await record("cancel", deliveryIdOf(lead, "crm", "withdrawn-1"));
      await record("replay", deliveryIdOf(other, "crm"));
      await record("erase", other);
      const acts = await store.ledger.acts({ limit: 10, lead });
      expect(acts.map(({ act }) => act)).toEqual(["cancel", "replay", "consent withdrawn: enquiry"]);
    });
  });
}
