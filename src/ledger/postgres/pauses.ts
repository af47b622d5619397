import type { Actor, Pause } from "../ledger.ts";
import { type PauseRow, pauseOf } from "../rows.ts";
import { recordAct } from "./acts.ts";
import type { Transaction } from "./database.ts";

/** Destinations that take no deliveries until resumed; a pause outlives a restart. */
export async function pause(
  tx: Transaction,
  { destination, since, by, reason }: Pause,
  actor: Actor = { type: "command", name: "pause" },
): Promise<void> {
  await tx.query(
    `INSERT INTO pauses (destination, since, paused_by, reason_code, reason_message, reason_status)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (destination) DO UPDATE SET paused_by = excluded.paused_by, reason_code = excluded.reason_code,
       reason_message = excluded.reason_message, reason_status = excluded.reason_status
     -- A person's pause is not the machine's to change: its probe would resume it.
     WHERE pauses.paused_by <> 'person' OR excluded.paused_by = 'person'`,
    [destination, since, by, reason.code, reason.message, reason.status ?? null],
  );
  if (by === "person") await recordAct(tx, { at: since, actor, act: "pause", subject: destination });
}

/** False when it was not paused. */
export async function resume(
  tx: Transaction,
  destination: string,
  { now, actor }: { now: number; actor: Actor },
): Promise<boolean> {
  const resumed = (await tx.change("DELETE FROM pauses WHERE destination = $1", [destination])) === 1;
  if (resumed) await recordAct(tx, { at: now, actor, act: "resume", subject: destination });
  return resumed;
}

export async function listPauses(tx: Transaction): Promise<Pause[]> {
  return (await tx.query<PauseRow>("SELECT * FROM pauses ORDER BY destination")).map(pauseOf);
}
