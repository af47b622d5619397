import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Actor, Work } from "../ledger.ts";
import type { RecordAct } from "./acts.ts";

const untouched: Work = { stage: "new", assignee: null, note: null, at: null };

/** What people note about leads. */
export function prepareWork(db: DatabaseSync, recordAct: RecordAct) {
  const select = db.prepare("SELECT stage, assignee, note, at FROM lead_work WHERE lead_id = ?");
  const isThere = db.prepare("SELECT 1 FROM leads WHERE id = ? AND state <> 'erased'");
  const upsert = db.prepare(
    `INSERT INTO lead_work (lead_id, stage, assignee, note, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (lead_id) DO UPDATE SET stage = excluded.stage, assignee = excluded.assignee, note = excluded.note,
       at = excluded.at`,
  );

  function of(lead: LeadId): Work {
    return (select.get(lead) as Work | undefined) ?? untouched;
  }

  /** Null when there is no such lead, or it is a tombstone: nothing is to be noted about an erased person. */
  function note(
    lead: LeadId,
    change: Partial<Pick<Work, "stage" | "assignee" | "note">>,
    { now, actor }: { now: number; actor: Actor },
  ): Work | null {
    if (!isThere.get(lead)) return null;
    const before = of(lead);
    const work = {
      stage: change.stage ?? before.stage,
      assignee: change.assignee === undefined ? before.assignee : change.assignee,
      note: change.note === undefined ? before.note : change.note,
      at: now,
    };
    upsert.run(lead, work.stage, work.assignee, work.note, now);
    recordAct(now, actor, actOf(before, work), lead);
    return work;
  }

  return { of, note };
}

/** What was changed, without what was written: a note may say things about the person. */
function actOf(before: Work, after: Work): string {
  const changes = [
    before.stage === after.stage ? [] : [`stage ${after.stage}`],
    before.assignee === after.assignee ? [] : [after.assignee === null ? "unassigned" : "assigned"],
    before.note === after.note ? [] : ["note"],
  ].flat();
  return `work: ${changes.join(", ") || "unchanged"}`;
}

export type WorkNotes = ReturnType<typeof prepareWork>;
