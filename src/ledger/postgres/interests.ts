import type { LeadId } from "../../model/id.ts";
import type { Interests } from "../ledger.ts";
import type { Transaction } from "./database.ts";

/** A person's lead that attempt `n` has delivered. */
export type Arrival = { person: string; leadId: LeadId; destination: string; startedAt: number };

/** What is noted for destinations that show statuses, or send a person only one lead in a time. Free where there are none. */
export function createInterests({ statusAt, oncePerPerson }: Interests) {
  return {
    /**
     * Deliveries of these leads have come to another state. Only what the destination holds can be shown there; what it does not
     * hold yet is marked when it is delivered.
     */
    changed(tx: Transaction, leads: readonly LeadId[]): void {
      if (statusAt.length === 0 || leads.length === 0) return;
      tx.send(
        `INSERT INTO status_marks (destination, lead_id)
         SELECT destination, lead_id FROM deliveries
         WHERE lead_id = ANY($1) AND destination = ANY($2) AND tag = '' AND state = 'delivered'
         ORDER BY destination, lead_id
         ON CONFLICT (destination, lead_id) DO UPDATE SET mark = excluded.mark`,
        [leads, statusAt],
      );
    },

    delivered(tx: Transaction, arrivals: readonly Arrival[]): void {
      const latest = new Map<string, Arrival>();
      for (const one of arrivals) {
        if (!oncePerPerson.includes(one.destination)) continue;
        const place = `${one.destination} ${one.person}`;
        if ((latest.get(place)?.startedAt ?? 0) <= one.startedAt) latest.set(place, one);
      }
      if (latest.size === 0) return;
      const sorted = [...latest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
      tx.send(
        `INSERT INTO last_delivered (destination, person, at) SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
         ON CONFLICT (person, destination) DO UPDATE SET at = GREATEST(last_delivered.at, excluded.at)`,
        [
          sorted.map(({ destination }) => destination),
          sorted.map(({ person }) => person),
          sorted.map(({ startedAt }) => startedAt),
        ],
      );
    },

    /** When these people were last delivered to a destination; empty where nobody asks. */
    async lastDeliveredAt(
      tx: Transaction,
      destination: string,
      people: readonly string[],
    ): Promise<Map<string, number>> {
      if (people.length === 0 || !oncePerPerson.includes(destination)) return new Map();
      const rows = await tx.query<{ person: string; at: number }>(
        "SELECT person, at FROM last_delivered WHERE person = ANY($1) AND destination = $2",
        [people, destination],
      );
      return new Map(rows.map(({ person, at }) => [person, at]));
    },

    marks: (tx: Transaction, destination: string, limit: number) =>
      tx.query<{ mark: number; lead_id: LeadId }>(
        "SELECT mark, lead_id FROM status_marks WHERE destination = $1 ORDER BY mark LIMIT $2",
        [destination, limit],
      ),

    async clear(
      tx: Transaction,
      destination: string,
      marks: readonly { leadId: LeadId; mark: number }[],
    ): Promise<void> {
      await tx.query(
        `DELETE FROM status_marks USING unnest($2::text[], $3::bigint[]) AS told (lead_id, mark)
         WHERE destination = $1 AND status_marks.lead_id = told.lead_id AND status_marks.mark = told.mark`,
        [destination, marks.map(({ leadId }) => leadId), marks.map(({ mark }) => mark)],
      );
    },
  };
}

export type InterestsNoted = ReturnType<typeof createInterests>;
