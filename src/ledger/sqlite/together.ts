import type { DatabaseSync } from "node:sqlite";
import type { NoteRow } from "../together.ts";

/** Notes processes on the same file share. They run inside the commit queue's transaction. */
export function prepareNotes(db: DatabaseSync) {
  const find = db.prepare(
    `SELECT note, version, changed_at AS changedAt, CAST(unixepoch('subsec') * 1000 AS INTEGER) AS now
     FROM (SELECT 1) LEFT JOIN together ON name = ?`,
  );
  const write = db.prepare(
    `INSERT INTO together (name, note, version, changed_at) VALUES (?1, ?2, 1, ?3)
     ON CONFLICT (name) DO UPDATE SET note = ?2, version = version + 1, changed_at = ?3`,
  );

  return {
    change<T>(name: string, decide: (row: NoteRow | null, now: number) => { note: string | null; answer: T }): T {
      const { now, ...row } = find.get(name) as NoteRow & { now: number };
      const { note, answer } = decide(row.note === null ? null : row, now);
      if (note !== null) write.run(name, note, now);
      return answer;
    },
  };
}
