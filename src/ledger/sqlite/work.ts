import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Actor, Work } from "../ledger.ts";
import type { Documents } from "../sealing/documents.ts";
import type { RecordAct } from "./acts.ts";

const untouched: Work = { stage: "new", assignee: null, note: null, at: null };

/** What people note about leads. */
export function prepareWork(db: DatabaseSync, recordAct: RecordAct, documents: Documents) {
  const select = db.prepare("SELECT stage, assignee, note, at FROM lead_work WHERE lead_id = ?");
  const find = db.prepare("SELECT id, document FROM leads WHERE id = ? AND state <> 'erased'");
  const upsert = db.prepare(
    `INSERT INTO lead_work (lead_id, stage, assignee, note, at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (lead_id) DO UPDATE SET stage = excluded.stage, assignee = excluded.assignee, note = excluded.note,
       at = excluded.at`,
  );

  function of(lead: LeadId): Work {
    const found = select.get(lead) as Work | undefined;
    if (!found) return untouched;
    return found.note === null ? found : { ...found, note: documents.clearNote(lead, found.note) };
  }

  /** Null when there is no such lead, or it is a tombstone: nothing is to be noted about an erased person. */
  function note(
    lead: LeadId,
    change: Partial<Pick<Work, "stage" | "assignee" | "note">>,
    { now, actor }: { now: number; actor: Actor },
  ): Work | null {
    const row = find.get(lead) as { id: LeadId; document: string } | undefined;
    if (!row) return null;
    const before = of(lead);
    const work = {
      stage: change.stage ?? before.stage,
      assignee: change.assignee === undefined ? before.assignee : change.assignee,
      note: change.note === undefined ? before.note : change.note,
      at: now,
    };
    const kept = work.note === null ? null : documents.keptNote(row, work.note);
    upsert.run(lead, work.stage, work.assignee, kept, now);
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
