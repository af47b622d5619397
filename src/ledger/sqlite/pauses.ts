import type { DatabaseSync } from "node:sqlite";
import type { Actor, Pause } from "../ledger.ts";
import { type PauseRow, pauseOf } from "../rows.ts";

type RecordAct = (at: number, actor: Actor, act: string, subject: string) => void;

/** Destinations that take no deliveries until resumed; a pause outlives a restart. */
export function preparePauses(db: DatabaseSync, recordAct: RecordAct) {
  const insert = db.prepare(
    `INSERT INTO pauses (destination, since, paused_by, reason_code, reason_message, reason_status)
     VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (destination) DO UPDATE SET paused_by = excluded.paused_by, reason_code = excluded.reason_code,
       reason_message = excluded.reason_message, reason_status = excluded.reason_status
     -- A person's pause is not the machine's to change: its probe would resume it.
     WHERE pauses.paused_by <> 'person' OR excluded.paused_by = 'person'`,
  );
  const remove = db.prepare("DELETE FROM pauses WHERE destination = ?");
  const select = db.prepare("SELECT * FROM pauses ORDER BY destination");

  return {
    pause({ destination, since, by, reason }: Pause, actor: Actor = { type: "command", name: "pause" }): void {
      insert.run(destination, since, by, reason.code, reason.message, reason.status ?? null);
      if (by === "person") recordAct(since, actor, "pause", destination);
    },
    resume(destination: string, { now, actor }: { now: number; actor: Actor }): boolean {
      const resumed = remove.run(destination).changes === 1;
      if (resumed) recordAct(now, actor, "resume", destination);
      return resumed;
    },
    list: (): Pause[] => (select.all() as PauseRow[]).map(pauseOf),
  };
}
