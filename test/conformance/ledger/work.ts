import { describe, expect, test } from "vitest";
import { aLead, aMoment, anEntry } from "../../support/a-lead.ts";
import { type OpenLedger, useLedger } from "./opened.ts";
import { anActor } from "./steps.ts";

export function describeWork(open: OpenLedger): void {
  describe("noteWork", () => {
    const store = useLedger(open);
    const request = { now: aMoment + 5, actor: anActor };

    async function accepted() {
      const { leadId } = await store.ledger.accept(anEntry());
      return leadId;
    }

    test("a lead nobody has noted anything about is new", async () => {
      const record = await store.ledger.findLead(await accepted());
      expect(record?.work).toEqual({ stage: "new", assignee: null, note: null, at: null });
    });

    test("what is noted stands in the lead's record, after a restart too", async () => {
      const lead = await accepted();
      const noted = { stage: "working", assignee: "ada", note: "called back", at: request.now } as const;
      expect(
        await store.ledger.noteWork(lead, { stage: "working", assignee: "ada", note: "called back" }, request),
      ).toEqual(noted);
      expect((await (await store.reopen()).findLead(lead))?.work).toEqual(noted);
    });

    test("what is not given stays, and null takes away", async () => {
      const lead = await accepted();
      await store.ledger.noteWork(lead, { assignee: "ada", note: "called back" }, request);
      await store.ledger.noteWork(lead, { stage: "done" }, request);
      expect(await store.ledger.noteWork(lead, { assignee: null }, { ...request, now: aMoment + 9 })).toEqual({
        stage: "done",
        assignee: null,
        note: "called back",
        at: aMoment + 9,
      });
    });

    test("nothing is noted about a lead that is not on record, or was erased", async () => {
      expect(await store.ledger.noteWork(aLead().id, { stage: "done" }, request)).toBeNull();
      const lead = await accepted();
      await store.ledger.noteWork(lead, { note: "called back" }, request);
      await store.ledger.erase([lead], { ...request, tombstones: [], followUps: () => [] });
      expect(await store.ledger.noteWork(lead, { note: "again" }, request)).toBeNull();
      expect((await store.ledger.findLead(lead))?.work.note).toBeNull();
    });

    test("it is an act on record, which says what was changed but not what was written", async () => {
      const lead = await accepted();
      await store.ledger.noteWork(lead, { stage: "done", note: "a private word" }, request);
      const [act] = await store.ledger.acts({ limit: 1 });
      expect(act).toMatchObject({ at: request.now, actor: anActor, subject: lead });
      expect(act?.act).toContain("done");
      expect(act?.act).not.toContain("private");
    });
  });
}
