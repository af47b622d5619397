import type { DatabaseSync } from "node:sqlite";
import type { LeadId } from "../../model/id.ts";
import type { Interests } from "../ledger.ts";

/** What is noted for destinations that show statuses, or send a person only one lead in a time. Free where there are none. */
export function prepareInterests(db: DatabaseSync, { statusAt, oncePerPerson }: Interests) {
  // Only what the destination holds can be shown there; what it does not hold yet is marked when it is delivered.
  const insertMark = db.prepare(
    `INSERT OR REPLACE INTO status_marks (destination, lead_id)
     SELECT destination, lead_id FROM deliveries WHERE lead_id = ? AND destination = ? AND tag = '' AND state = 'delivered'`,
  );
  const selectMarks = db.prepare("SELECT mark, lead_id FROM status_marks WHERE destination = ? ORDER BY mark LIMIT ?");
  const deleteMark = db.prepare("DELETE FROM status_marks WHERE destination = ? AND lead_id = ? AND mark = ?");
  const remember = db.prepare(
    `INSERT INTO last_delivered (destination, person, at)
     SELECT destination, ?1, started_at FROM attempts WHERE lead_id = ?2 AND destination = ?3 AND tag = '' AND n = ?4
     ON CONFLICT (destination, person) DO UPDATE SET at = MAX(at, excluded.at)`,
  );
  const recall = db.prepare("SELECT at FROM last_delivered WHERE destination = ? AND person = ?");

  return {
    /** A delivery of this lead has come to another state. */
    changed(leadId: LeadId): void {
      for (const destination of statusAt) insertMark.run(leadId, destination);
    },
    /** Attempt `n` has delivered a person's lead. */
    delivered(person: string, leadId: LeadId, destination: string, n: number): void {
      if (oncePerPerson.includes(destination)) remember.run(person, leadId, destination, n);
    },
    lastDeliveredAt(destination: string, person: string | null): number | null {
      if (person === null || !oncePerPerson.includes(destination)) return null;
      return (recall.get(destination, person)?.at as number | undefined) ?? null;
    },
    marks: (destination: string, limit: number) =>
      selectMarks.all(destination, limit) as { mark: number; lead_id: LeadId }[],
    clear(destination: string, marks: readonly { leadId: LeadId; mark: number }[]): void {
      for (const { leadId, mark } of marks) deleteMark.run(destination, leadId, mark);
    },
  };
}

export type InterestsNoted = ReturnType<typeof prepareInterests>;
