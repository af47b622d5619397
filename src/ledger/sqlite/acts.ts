import type { DatabaseSync } from "node:sqlite";
import { deliveryIdOf, type LeadId } from "../../model/id.ts";
import type { Act, Actor } from "../ledger.ts";

/** Writes what somebody did into the record, in the transaction of what was done. */
export type RecordAct = (at: number, actor: Actor, act: string, subject: string) => void;

type ActRow = { seq: number; at: number; actor_type: Actor["type"]; actor_name: string; act: string; subject: string };

/** The record of what people did, and the machine where it acts on its own. */
export function prepareActs(db: DatabaseSync) {
  const insert = db.prepare("INSERT INTO acts (at, actor_type, actor_name, act, subject) VALUES (?, ?, ?, ?, ?)");
  const select = db.prepare("SELECT * FROM acts WHERE seq < ? ORDER BY seq DESC LIMIT ?");
  const selectOf = db.prepare(
    `SELECT * FROM acts WHERE (subject = ? OR subject >= ? AND subject < ?) AND seq < ? ORDER BY seq DESC LIMIT ?`,
  );

  function list({ limit, before = Number.MAX_SAFE_INTEGER, lead }: { limit: number; before?: number; lead?: LeadId }) {
    const rows = lead === undefined ? select.all(before, limit) : selectOf.all(...subjectsOf(lead), before, limit);
    return (rows as ActRow[]).map(actOf);
  }

  return {
    record: ((at, actor, act, subject) => void insert.run(at, actor.type, actor.name, act, subject)) as RecordAct,
    list,
  };
}

/** The lead, and where the ids of its deliveries begin and end: they all begin alike. */
function subjectsOf(lead: LeadId): [string, string, string] {
  const deliveries = deliveryIdOf(lead, "");
  return [lead, deliveries, `${deliveries}~`];
}

function actOf({ seq, at, actor_type: type, actor_name: name, act, subject }: ActRow): Act {
  return { n: seq, at, actor: { type, name }, act, subject };
}
