import type { LeadRecord } from "../../src/ledger/ledger.ts";
import type { Attempt, Delivery } from "../../src/model/delivery.ts";
import { eventIdOf } from "../../src/model/id.ts";
import type { Received, Vendor } from "../../src/sandbox/index.ts";
import type { Sent } from "./load.ts";

/** What was found. The lists hold a sentence for each thing wrong. */
export type Verdict = {
  /** Leads whose 202 was received. */
  accepted: number;
  /** Accepted, but not on record, or not delivered to every destination, or not held there. */
  lost: string[];
  /** One key that came to two leads, two keys that came to one, or a lead on record that nobody was told of. */
  confused: string[];
  /** Times a destination applied a lead it already had. */
  duplicates: number;
  /** Those of them that carry the delivery's id and have an uncertain attempt each. */
  explained: number;
  unexplained: string[];
  attempts: number;
  uncertain: number;
  /** Attempts missing, out of order or without an outcome, and requests on the wire that belong to none. */
  unwritten: string[];
};

type History = Delivery & { history: Attempt[] };

/** Compares what the senders were told, what the ledger says, and what the vendors received. */
export function judge(sent: readonly Sent[], records: readonly LeadRecord[], vendors: readonly Vendor[]): Verdict {
  const accepted = sent.filter(({ answers }) => answers.size > 0);
  const byId = new Map<string, LeadRecord>(records.map((record) => [record.lead.id, record]));
  const deliveries = records.flatMap((record) => record.deliveries);
  const attempts = deliveries.flatMap(({ history }) => history);
  const requests = requestsByDelivery(vendors);
  const repeats = repeatsAt(vendors, deliveries);
  return {
    accepted: accepted.length,
    lost: accepted.flatMap((lead) => [...lead.answers].flatMap((id) => lossOf(lead, byId.get(id), vendors))),
    confused: confusionIn(accepted, records),
    duplicates: repeats.reduce((sum, { count }) => sum + count, 0),
    explained: repeats.reduce((sum, { count, problem }) => sum + (problem === null ? count : 0), 0),
    unexplained: repeats.flatMap(({ problem }) => problem ?? []),
    attempts: attempts.length,
    uncertain: attempts.filter(({ outcome }) => outcome === "uncertain").length,
    unwritten: [
      ...deliveries.flatMap((delivery) => gapsIn(delivery, requests.get(delivery.id) ?? [])),
      ...strangersAmong(requests, deliveries),
    ],
  };
}

function lossOf({ key, email }: Sent, record: LeadRecord | undefined, vendors: readonly Vendor[]): string[] {
  if (record?.lead.email !== email) return [`${key} was answered 202 and is not on record`];
  return vendors.flatMap(({ name, records }) => {
    const delivery = record.deliveries.find(({ destination }) => destination === name);
    if (delivery?.state !== "delivered") return [`${record.lead.id} is ${delivery?.state ?? "not meant"} for ${name}`];
    const held = records.get(eventIdOf(record.lead.id));
    return held ? [] : [`${record.lead.id} counts as delivered, and ${name} does not have it`];
  });
}

function confusionIn(accepted: readonly Sent[], records: readonly LeadRecord[]): string[] {
  const told = new Map<string, string>();
  const confused: string[] = [];
  for (const { key, answers } of accepted) {
    if (answers.size > 1) confused.push(`${key} came to the leads ${[...answers].join(", ")}`);
    for (const id of answers) {
      const other = told.get(id);
      if (other !== undefined) confused.push(`${id} was the answer to ${other} and ${key}`);
      told.set(id, key);
    }
  }
  const untold = records.filter(({ lead }) => !told.has(lead.id));
  return [...confused, ...untold.map(({ lead }) => `${lead.id} is on record and was nobody's answer`)];
}

/** Every request under the delivery id it carried, whatever lead is in it. */
function requestsByDelivery(vendors: readonly Vendor[]): Map<string, Received[]> {
  const requests = vendors.flatMap(({ received }) => [...received]);
  return Map.groupBy(requests, idOf);
}

/** The delivery id a request carries: in `idempotency-key`, and for receivers of the Standard Webhooks scheme in `webhook-id`. */
function idOf({ headers }: Received): string {
  const ids = new Set([headers["idempotency-key"], headers["webhook-id"] ?? headers["idempotency-key"]]);
  return [...ids].join(" and ");
}

/** What vendors applied more than once. Each attempt makes one request, so each repeat needs an uncertain attempt to itself. */
function repeatsAt(vendors: readonly Vendor[], deliveries: readonly History[]) {
  const byDuty = new Map(
    deliveries.map((delivery) => [`${delivery.destination} ${eventIdOf(delivery.leadId)}`, delivery]),
  );
  return vendors.flatMap(({ name, records }) =>
    [...records]
      .filter(([, held]) => held.length > 1)
      .map(([eventId, held]) => {
        const delivery = byDuty.get(`${name} ${eventId}`);
        const count = held.length - 1;
        const uncertain = delivery?.history.filter(({ outcome }) => outcome === "uncertain").length ?? 0;
        const sameId = held.every((request) => idOf(request) === delivery?.id);
        const problem =
          sameId && count <= uncertain
            ? null
            : `${name} applied ${eventId} ${held.length} times, ${sameId ? "with the same id" : "with different ids"} and ${uncertain} uncertain attempts`;
        return { count, problem };
      }),
  );
}

/** Requests whose id is no delivery's, or whose lead is not that delivery's. */
function strangersAmong(requests: ReadonlyMap<string, readonly Received[]>, deliveries: readonly History[]): string[] {
  const eventOf = new Map<string, string>(deliveries.map(({ id, leadId }) => [id, eventIdOf(leadId)]));
  return [...requests].flatMap(([id, received]) => {
    const strange = received.filter(({ json }) => eventOf.get(id) !== (json as { event_id: string }).event_id);
    return strange.map(({ path }) => `a request to ${path} carried the delivery id ${id}, which is not its own`);
  });
}

function gapsIn({ id, attempts, history }: History, requests: readonly Received[]): string[] {
  const gaps: string[] = [];
  if (attempts !== history.length) gaps.push(`${id} counts ${attempts} attempts and has ${history.length} on record`);
  for (const [i, { n, outcome }] of history.entries()) {
    if (n !== i + 1) gaps.push(`${id} has attempt ${n} where ${i + 1} belongs`);
    if (outcome === null) gaps.push(`${id} has no outcome of attempt ${n}`);
    if (outcome === "delivered" && i + 1 < history.length) gaps.push(`${id} was tried again once delivered`);
  }
  if (requests.length > history.length)
    gaps.push(`${id} was sent ${requests.length} times in ${history.length} attempts`);
  return gaps;
}
