import type { DeliveryId, LeadId } from "../../model/id.ts";
import type { Ledger } from "../ledger.ts";
import { recordAct } from "./acts.ts";
import { addReason, dropChecks } from "./captcha-checks.ts";
import type { Transaction } from "./database.ts";
import { addAll } from "./follow-ups.ts";
import type { InterestsNoted } from "./interests.ts";
import { lockLeads, moveLeads } from "./leads.ts";
import { recordsOf } from "./records.ts";

/** A person's "this is spam after all". */
export async function quarantineLeads(
  tx: Transaction,
  ids: readonly LeadId[],
  { now, actor, reason, followUps: toFollow }: Parameters<Ledger["quarantineLeads"]>[1],
  interests: InterestsNoted,
): Promise<{ quarantined: LeadId[]; followUps: DeliveryId[] }> {
  const unique = [...new Set(ids)];
  const rows = (await lockLeads(tx, unique)).filter(({ state }) => state !== "erased");
  if (rows.length === 0) return { quarantined: [], followUps: [] };
  const wanted = new Map((await recordsOf(tx, rows)).map((record) => [record.lead.id, toFollow(record)]));
  await dropChecks(tx, rows);
  const active = rows.filter(({ state }) => state === "active");
  const there = new Set(active.map(({ id }) => id));
  const quarantined = unique.filter((id) => there.has(id));
  await moveLeads(tx, active, "quarantined");
  // Word of a withdrawal or a removal goes out all the same.
  await tx.query(
    `UPDATE deliveries SET state = 'withheld', retry = 0, due_at = NULL, tries = 0, first_try_at = NULL,
       reason_code = 'quarantined', reason_message = $1, reason_status = NULL
     WHERE lead_id = ANY($2) AND state IN ('pending', 'dead') AND tag NOT LIKE 'withdrawn-%' AND tag NOT LIKE 'erased-%'`,
    [reason.message, quarantined],
  );
  for (const row of active) await addReason(tx, row, reason);
  interests.changed(tx, quarantined);
  await recordAct(tx, ...quarantined.map((subject) => ({ at: now, actor, act: "quarantine", subject })));
  const followUps: DeliveryId[] = [];
  for (const row of rows) {
    const told = await addAll(tx, row, wanted.get(row.id) ?? [], now);
    if (told.length > 0) await recordAct(tx, { at: now, actor, act: "undo", subject: row.id });
    followUps.push(...told);
  }
  return { quarantined, followUps };
}
