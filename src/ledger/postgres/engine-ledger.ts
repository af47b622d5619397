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

function candidatesIn(tx: Transaction, { destination, limit, now }: ClaimRequest): Candidates {
  const start: readonly [number, string, string] = [-1, "", ""];
  let retry: 0 | 1 | null = 0;
  let after = start;

  return {
    async next(busy) {
      while (retry !== null) {
        const page: Due[] = await tx.query<Due>(due[retry], [destination, now, ...after, [...busy], limit]);
        // The join may have brought them out of their order.
        page.sort(inOrder);
        const last = page.at(-1);
        if (last && page.length === limit) {
          after = [last.due_at ?? now, last.lead_id, last.tag];
        } else {
          retry = retry === 0 ? 1 : null;
          after = start;
        }
        if (last) return page;
      }
      return [];
    },
    end: async () => {},
  };
}

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
