import { LedgerUnavailable } from "../../model/errors.ts";
import { createTurns } from "../../model/turns.ts";
import type { ChangeNote, NoteRow } from "../together.ts";

/** Runs one statement on any connection, in a transaction of its own. */
export type RunStatement = (
  text: string,
  values: unknown[],
) => Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;

/** Another machine is faster so many times in a row only when something is wrong. */
const mostTries = 100;

const find = `SELECT note, version, changed_at, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now
  FROM (SELECT) AS one LEFT JOIN together ON name = $1`;
const add = `INSERT INTO together (name, note, version, changed_at) VALUES ($1, $2, $3::bigint + 1, $4)
  ON CONFLICT (name) DO NOTHING`;
const replace =
  "UPDATE together SET note = $2, version = $3::bigint + 1, changed_at = $4 WHERE name = $1 AND version = $3";

/**
 * The notes machines share. Each change is two statements, a look and a write that holds only if nobody wrote in between, and
 * no transaction: a machine that is frozen in the middle holds no lock for which the others would have to wait. Changes of one
 * note by one process take turns, so that only machines get in each other's way.
 */
export function createNotes(run: RunStatement): ChangeNote {
  const inTurn = createTurns<string>();

  const change: ChangeNote = async (name, decide) => {
    for (let i = 0; i < mostTries; i++) {
      const { row, now } = readNote((await run(find, [name])).rows[0]);
      const { note, answer } = decide(row, now);
      if (note === null) return answer;
      const written = await run(row ? replace : add, [name, note, row?.version ?? 0, now]);
      if (written.rowCount === 1) return answer;
    }
    throw new LedgerUnavailable(
      `The note ${name} could not be written: other machines were faster ${mostTries} times.`,
    );
  };

  return (name, decide) => inTurn(name, () => change(name, decide));
}

/** bigint comes as text, or as a number where the connection parses it so. */
function readNote(found: Record<string, unknown> = {}): { row: NoteRow | null; now: number } {
  const { note, version, changed_at: changedAt, now } = found;
  const row = typeof note === "string" ? { note, version: Number(version), changedAt: Number(changedAt) } : null;
  return { row, now: Number(now) };
}
