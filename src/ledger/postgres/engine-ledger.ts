import { endOfTime, latestWait } from "../due.ts";
import type { ClaimRequest } from "../ledger.ts";
import type { Transaction } from "./database.ts";
import { type Candidates, type Due, type Engine, inOrder } from "./engine.ts";

/** The engine without a queue: claims look straight into the ledger, at the index on what is due. */
export const ledgerEngine: Engine = {
  woken: () => {},
  claim: (request, lease) => lease((tx) => candidatesIn(tx, request)),
  ended: async () => {},
  close: async () => {},
};

function candidatesIn(tx: Transaction, request: ClaimRequest): Candidates {
  const { destination, limit, now } = request;
  const latest = latestWait(request);
  const ranges: Range[] = [
    { retry: 0, after: [-1, "", ""], until: endOfTime },
    { retry: 1, after: [-1, "", ""], until: now },
  ];
  const late: Range = { retry: 1, after: [latest, lastId, ""], until: endOfTime };
  let found = false;

  return {
    async next(busy) {
      for (;;) {
        const [range] = ranges;
        if (!range) return [];
        const { retry, after, until } = range;
        const page: Due[] = await tx.query<Due>(due[retry], [destination, until, ...after, [...busy], limit]);
        // The join may have brought them out of their order.
        page.sort(inOrder);
        const last = page.at(-1);
        if (last) found = true;
        if (last && page.length === limit) range.after = [last.due_at ?? until, last.lead_id, last.tag];
        else ranges.shift();
        // Rare, and so looked for only when there is nothing else to do.
        if (ranges.length === 0 && !found && range !== late && latest < endOfTime) ranges.push(late);
        if (last) return page;
      }
    },
    end: async () => {},
  };
}

/** Pending deliveries whose time is after the one and until the other. */
type Range = { retry: 0 | 1; after: [number, string, string]; until: number };

/** Behind every lead's id. */
const lastId = "lead_~";

const underWay = `ARRAY(
         SELECT person FROM deliveries WHERE state = 'claimed' AND destination = $1 AND person IS NOT NULL)`;

/** The inner query is answered from the partial index in its order, and locks what it gives. */
const dueOf = (retry: 0 | 1) =>
  `WITH found AS MATERIALIZED (
     SELECT * FROM deliveries
     WHERE state = 'pending' AND destination = $1 AND retry = ${retry} AND due_at <= $2
       AND (due_at, lead_id, tag) > ($3, $4, $5) AND (person IS NULL OR person <> ALL ($6::text[] || ${underWay}))
     ORDER BY due_at, lead_id, tag LIMIT $7 FOR UPDATE SKIP LOCKED)
   SELECT found.*, leads.form, leads.received_at, leads.document, leads.state AS lead_state
   FROM found JOIN leads ON leads.id = found.lead_id`;
export const due = { 0: dueOf(0), 1: dueOf(1) } as const;
