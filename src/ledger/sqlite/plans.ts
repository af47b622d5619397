import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe } from "node:timers/promises";
import type { DeliveryRow } from "../rows.ts";
import { type LeadRow, newRow } from "./rows.ts";

/** One destination of a plan: what a delivery's row begins with. */
export type Planned = { destination: string; kind: string; purpose: string };

/** A plan as a text, the same for the same destinations. */
export function planText(planned: readonly Planned[]): string {
  return JSON.stringify(planned.map(({ destination, kind, purpose }) => [destination, kind, purpose]));
}

/** A new lead and where it is to go. */
export type NewDelivery = { lead: LeadRow; planned: Planned };

/**
 * Where leads go. A plan is shared by all leads with the same destinations, and a planned delivery without a row of its own is
 * pending and new. Each destination remembers how far it has got, so that finding new ones costs the same at any size.
 */
export function preparePlans(db: DatabaseSync) {
  const find = db.prepare("SELECT id FROM plans WHERE text = ?");
  const insert = db.prepare("INSERT INTO plans (text) VALUES (?) RETURNING id");
  const insertPlanned = db.prepare("INSERT INTO planned (destination, plan, kind, purpose) VALUES (?, ?, ?, ?)");
  const select = db.prepare("SELECT destination, kind, purpose FROM planned WHERE plan = ? ORDER BY destination");
  const plansOf = db.prepare("SELECT plan, destination, kind, purpose FROM planned WHERE destination = ?");
  const taken = db.prepare("SELECT taken FROM lanes WHERE destination = ?");
  const take = db.prepare(
    `INSERT INTO lanes (destination, taken) VALUES (?, ?)
     ON CONFLICT (destination) DO UPDATE SET taken = MAX(taken, excluded.taken)`,
  );
  const next = db.prepare(
    `SELECT * FROM leads WHERE plan = ?1 AND seq > ?2
       AND NOT EXISTS (SELECT 1 FROM deliveries WHERE lead_id = leads.id AND destination = ?3 AND tag = '')
     ORDER BY seq LIMIT +?4`,
  );
  const countPlanned = db.prepare(
    `SELECT COUNT(*) AS n FROM planned CROSS JOIN leads ON leads.plan = planned.plan AND leads.seq > ?2
     WHERE planned.destination = ?1`,
  );
  const firstPlanned = db.prepare(
    `SELECT MIN((SELECT MIN(seq) FROM leads WHERE plan = planned.plan AND seq > ?2)) AS seq FROM planned
     WHERE destination = ?1`,
  );
  // Every lead beyond a place lies in an hour whose last one does, and so at or after that hour's first id.
  const hoursAfter = db.prepare("SELECT first_id FROM lead_hours WHERE last_seq > ? ORDER BY first_id");
  const countWritten = db.prepare(
    `SELECT COUNT(*) AS n FROM deliveries
     CROSS JOIN leads ON leads.id = deliveries.lead_id AND leads.seq > ?4
     CROSS JOIN planned ON planned.destination = ?1 AND planned.plan = leads.plan
     WHERE deliveries.lead_id >= ?2 AND deliveries.lead_id < ?3 AND deliveries.destination = ?1 AND deliveries.tag = ''`,
  );
  const insertRow = db.prepare(
    `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, due_at, person) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
  );
  // Plans never change, so what was read or written once holds; until a rollback takes back a new one.
  const ids = new Map<string, number>();

  /** The plan of this text; null for one without destinations. */
  function idOfText(text: string): number | null {
    if (text === "[]") return null;
    const known = ids.get(text) ?? (find.get(text)?.id as number | undefined) ?? create(text);
    ids.set(text, known);
    return known;
  }

  function create(text: string): number {
    const id = insert.get(text)?.id as number;
    for (const [destination, kind, purpose] of JSON.parse(text) as [string, string, string][]) {
      insertPlanned.run(destination, id, kind, purpose);
    }
    return id;
  }

  function takenBy(destination: string): number {
    return (taken.get(destination)?.taken as number | undefined) ?? 0;
  }

  /** New deliveries of a destination in the order their leads came, read `size` at a time. */
  function* newAt(destination: string, size: number): Generator<NewDelivery> {
    const plans = plansOf.all(destination) as (Planned & { plan: number })[];
    for (let after = takenBy(destination); size > 0; ) {
      const page = plans
        .flatMap(({ plan, ...planned }) =>
          (next.all(plan, after, destination, size) as LeadRow[]).map((lead) => ({ lead, planned })),
        )
        .sort((a, b) => a.lead.seq - b.lead.seq)
        .slice(0, size);
      yield* page;
      after = page.at(-1)?.lead.seq ?? after;
      if (page.length < size) return;
    }
  }

  /**
   * How many new deliveries a destination has: the leads it has not come to, without those whose delivery got its row
   * nevertheless. These are counted hour by hour, with a turn of the event loop in between.
   */
  async function countNew(destination: string): Promise<number> {
    const first = firstPlanned.get(destination, takenBy(destination))?.seq as number | null;
    if (first === null) return 0;
    // It may be new itself, among leads of years that never were to go there.
    const seq = first - 1;
    let count = Number(countPlanned.get(destination, seq)?.n);
    const hours = hoursAfter.all(seq).map((row) => String(row.first_id));
    for (const [i, from] of hours.entries()) {
      count -= Number(countWritten.get(destination, from, hours[i + 1] ?? "lead_~", seq)?.n);
      await breathe();
    }
    return Math.max(0, count);
  }

  const of = (plan: number) => select.all(plan) as Planned[];

  /** From now on a new delivery has a row of its own, whatever comes of it. */
  function write({ lead_id, destination, kind, purpose, state, due_at, person }: DeliveryRow): void {
    insertRow.run(lead_id, destination, kind, purpose, state, due_at, person);
  }

  return {
    idOfText,
    idOf: (planned: readonly Planned[]) => idOfText(planText(planned)),
    /** The destinations of a plan. */
    of,
    newAt,
    countNew,
    write,
    /** Every planned delivery of this lead has its row from now on. */
    writeAll(lead: LeadRow): void {
      if (lead.plan !== null) for (const planned of of(lead.plan)) write(newRow(lead, planned));
    },
    /** Every planned delivery there, of leads up to `seq`, has its row now. */
    take: (destination: string, seq: number) => void take.run(destination, seq),
    /** A transaction was rolled back: a plan made in it is gone. */
    forget: () => ids.clear(),
  };
}

export type Plans = ReturnType<typeof preparePlans>;
