import type { LeadId } from "../../model/id.ts";
import type { Actor, Work } from "../ledger.ts";
import { keyIdOf } from "../sealing/seal.ts";
import { recordAct } from "./acts.ts";
import type { Transaction } from "./database.ts";
import { documentsBy, documentsIn } from "./sealing.ts";

const untouched: Work = { stage: "new", assignee: null, note: null, at: null };

/** What people have noted about leads, by the lead. */
export async function workOf(tx: Transaction, ids: readonly LeadId[]): Promise<(lead: LeadId) => Work> {
  const rows = await tx.query<Work & { lead_id: LeadId }>(
    "SELECT lead_id, stage, assignee, note, at FROM lead_work WHERE lead_id = ANY($1)",
    [ids],
  );
  const documents = await documentsBy(
    tx,
    rows.flatMap(({ note }) => (note === null ? [] : (keyIdOf(note) ?? []))),
  );
  const noted = new Map(
    rows.map(({ lead_id, note, ...work }) => [
      lead_id,
      { ...work, note: note === null ? null : documents.clearNote(lead_id, note) },
    ]),
  );
  return (lead) => noted.get(lead) ?? untouched;
}

/** Null when there is no such lead, or it is a tombstone: nothing is to be noted about an erased person. */
export async function noteWork(
  tx: Transaction,
  lead: LeadId,
  change: Partial<Pick<Work, "stage" | "assignee" | "note">>,
  { now, actor }: { now: number; actor: Actor },
): Promise<Work | null> {
  const [found] = await tx.query<{ id: LeadId; document: string }>(
    "SELECT id, document FROM leads WHERE id = $1 AND state <> 'erased' FOR UPDATE",
    [lead],
  );
  if (!found) return null;
  const before = (await workOf(tx, [lead]))(lead);
  const work = {
    stage: change.stage ?? before.stage,
    assignee: change.assignee === undefined ? before.assignee : change.assignee,
    note: change.note === undefined ? before.note : change.note,
    at: now,
  };
  const kept = work.note === null ? null : (await documentsIn(tx, [found])).keptNote(found, work.note);
  await tx.query(
    `INSERT INTO lead_work (lead_id, stage, assignee, note, at) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (lead_id) DO UPDATE SET stage = excluded.stage, assignee = excluded.assignee, note = excluded.note,
       at = excluded.at`,
    [lead, work.stage, work.assignee, kept, now],
  );
  await recordAct(tx, { at: now, actor, act: actOf(before, work), subject: lead });
  return work;
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
