import { deliveryIdOf, type LeadId } from "../../model/id.ts";
import type { Act, Actor } from "../ledger.ts";
import { columnsOf } from "./columns.ts";
import type { Transaction } from "./database.ts";

type NewAct = Omit<Act, "n">;
type ActRow = { seq: number; at: number; actor_type: Actor["type"]; actor_name: string; act: string; subject: string };

/** Writes what somebody did into the record, in the transaction of what was done. */
export async function recordAct(tx: Transaction, ...acts: readonly NewAct[]): Promise<void> {
  if (acts.length === 0) return;
  await tx.query(
    `INSERT INTO acts (at, actor_type, actor_name, act, subject)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[])`,
    columnsOf(
      acts,
      ({ at }) => at,
      ({ actor }) => actor.type,
      ({ actor }) => actor.name,
      ({ act }) => act,
      ({ subject }) => subject,
    ),
  );
}

/** Newest first. */
export async function listActs(
  tx: Transaction,
  { limit, before = Number.MAX_SAFE_INTEGER, lead }: { limit: number; before?: number; lead?: LeadId },
): Promise<Act[]> {
  const rows =
    lead === undefined
      ? await tx.query<ActRow>("SELECT * FROM acts WHERE seq < $1 ORDER BY seq DESC LIMIT $2", [before, limit])
      : await tx.query<ActRow>(
          `SELECT * FROM acts WHERE (subject = $1 OR subject >= $2 AND subject < $3) AND seq < $4
           ORDER BY seq DESC LIMIT $5`,
          [...subjectsOf(lead), before, limit],
        );
  return rows.map(({ seq: n, at, actor_type: type, actor_name: name, act, subject }) => ({
    n,
    at,
    actor: { type, name },
    act,
    subject,
  }));
}

/** The lead, and where the ids of its deliveries begin and end: they all begin alike. */
function subjectsOf(lead: LeadId): [string, string, string] {
  const deliveries = deliveryIdOf(lead, "");
  return [lead, deliveries, `${deliveries}~`];
}
