import * as z from "zod";
import type { Delivered, Presence, SyncContext } from "../../model/destination.ts";
import type { DeliveryId } from "../../model/id.ts";
import { orUnknown, seenAs, unknownFor } from "../shared/presence.ts";
import { accountOf } from "./account.ts";
import { type Api, isStop, read, type Stop } from "./call.ts";
import { type Fields, readFields } from "./fields.ts";
import { dealItem, isMarkedDeal, readRecord, recordNamed } from "./find-record.ts";
import type { Options } from "./options.ts";
import { recentlyWritten } from "./recent.ts";
import { findMarked } from "./traces.ts";

/** Per https://developers.pipedrive.com/docs/api/v1/Deals (read 2026-11). */
const mostIds = 100;
/** Version 1 gives this many at most, per https://pipedrive.readme.io/docs/core-api-concepts-pagination (read 2026-11). */
const longestPage = 500;
/** Tokens, per https://developers.pipedrive.com/docs/api/v1/Leads (read 2026-11). */
const pageCost = 20;
const singleCost = 2;
/** A search is twenty tokens of a daily budget that live leads need: what has vanished is not looked for all at once. */
const mostSearches = 30;
const hourMs = 3_600_000;

const listedLead = z.object({ id: z.string(), add_time: z.string().nullish().catch(null) });
const listedDeal = z.object({ id: z.number(), is_deleted: z.boolean().nullish() });

/** Deliveries without a verdict yet, by the id of their lead or deal. */
type Left = Map<string, Delivered>;
type Presences = Map<DeliveryId, Presence>;
/** A look that failed ends the whole: it would fail for the others too. */
type Ended = Stop | null;

/**
 * Looks whether the leads and deals of delivered leads are there. Deals are asked for a hundred at a time. Leads, which version 1
 * gives singly or in lists, are read from the newest page on as long as that is cheaper than one by one. One that has vanished
 * may have been made a deal of, or merged: it is looked for by the lead's id in fields and notes.
 */
export async function readBack(
  deliveries: readonly Delivered[],
  options: Options,
  context: SyncContext,
): Promise<ReadonlyMap<DeliveryId, Presence>> {
  const api: Api = { options, account: accountOf(options, context.now()), ...context };
  const presences: Presences = new Map();
  const leads: Left = new Map();
  const deals: Left = new Map();
  const vanished: Delivered[] = [];
  for (const delivered of deliveries) {
    if (!delivered.ref) vanished.push(delivered);
    else (recordNamed(delivered.ref).type === "deal" ? deals : leads).set(delivered.ref, delivered);
  }
  const trouble = await orUnknown(async () => {
    const stop =
      (await listDeals(api, deals, presences)) ??
      (await listLeads(api, leads, presences)) ??
      (await lookOneByOne(api, [...leads.values(), ...deals.values()], vanished, presences)) ??
      (await lookForVanished(api, vanished, presences));
    return stop === null ? null : unknownOf(stop);
  });
  if (trouble !== null) {
    for (const { deliveryId } of deliveries) if (!presences.has(deliveryId)) presences.set(deliveryId, trouble);
  }
  return presences;
}

/** Deals that are not shown may be archived, merged or deleted. */
async function listDeals(api: Api, left: Left, presences: Presences): Promise<Ended> {
  const ids = [...left.keys()];
  while (ids.length > 0) {
    const asked = { ids: ids.splice(0, mostIds).join(","), limit: mostIds };
    const answer = await read(api, "v2/deals", asked, z.array(listedDeal).nullable());
    if (isStop(answer)) return answer;
    for (const { id, is_deleted } of answer.data ?? []) if (!is_deleted) seen(String(id), left, presences);
  }
  return null;
}

/** The newest first, no further back than the oldest of these leads was kept, and for no more than half of what singles would cost. */
async function listLeads(api: Api, left: Left, presences: Presences): Promise<Ended> {
  const oldest = Math.min(...[...left.values()].map(({ receivedAt }) => receivedAt)) - hourMs;
  const mostPages = Math.floor((left.size * singleCost) / pageCost / 2);
  for (let page = 0, start = 0; page < mostPages && left.size * singleCost > pageCost; page += 1) {
    const asked = { limit: longestPage, start, sort: "add_time DESC" };
    const answer = await read(api, "v1/leads", asked, z.array(listedLead).nullable());
    if (isStop(answer)) return answer;
    const leads = answer.data ?? [];
    for (const { id } of leads) seen(id, left, presences);
    start += leads.length;
    const isPast = Date.parse(leads.at(-1)?.add_time ?? "") < oldest;
    if (!answer.hasMore || leads.length === 0 || isPast) break;
  }
  return null;
}

async function lookOneByOne(
  api: Api,
  left: readonly Delivered[],
  vanished: Delivered[],
  presences: Presences,
): Promise<Ended> {
  if (left.length === 0) return null;
  const fields = await readFields(api);
  if (isStop(fields)) return fields;
  for (const delivered of left) {
    const record = await readRecord(api, fields, delivered.leadId, recordNamed(delivered.ref ?? ""));
    if (isStop(record)) return record;
    if (record) presences.set(delivered.deliveryId, { type: "seen" });
    else vanished.push(delivered);
  }
  return null;
}

async function lookForVanished(api: Api, vanished: readonly Delivered[], presences: Presences): Promise<Ended> {
  const [first] = vanished;
  if (!first) return null;
  const fields = await readFields(api);
  if (isStop(fields)) return fields;
  // What was made or merged in this moment is not in the search's index yet; this list knows it.
  const recent = await recentlyWritten(api, "v2/deals", dealItem, true);
  if (isStop(recent)) return recent;
  for (const [n, delivered] of vanished.entries()) {
    const deal = recent.find((one) => !one.is_deleted && isMarkedDeal(one, fields, delivered.leadId));
    const presence = deal
      ? seenAs(String(deal.id), delivered.ref)
      : n < mostSearches
        ? await searched(api, fields, delivered)
        : notLookedFor;
    if (isStop(presence)) return presence;
    presences.set(delivered.deliveryId, presence);
  }
  return null;
}

async function searched(api: Api, fields: Fields, { leadId, ref, receivedAt }: Delivered): Promise<Presence | Stop> {
  const found = await findMarked(api, fields, leadId);
  if (isStop(found)) return found;
  const [record] = found.records;
  if (record) return seenAs(String(record.id), ref);
  // A lead of which no id is known may be too new for the search.
  const waitMs = ref ? 0 : receivedAt + api.options.searchLagMs - api.now();
  return waitMs > 0 ? { type: "unknown", reason: notShownYet, waitMs } : { type: "missing" };
}

function seen(id: string, left: Left, presences: Presences): void {
  const delivered = left.get(id);
  if (!delivered) return;
  presences.set(delivered.deliveryId, { type: "seen" });
  left.delete(id);
}

const notShownYet = { code: "not_shown_yet", message: "Pipedrive's search may not show it yet" };
const notLookedFor: Presence = {
  type: "unknown",
  reason: {
    code: "not_looked_for_yet",
    message: `more than ${mostSearches} have vanished at once; to spare the day's budget, the next look goes on`,
  },
};

function unknownOf({ stop }: Stop): Presence {
  return stop.type === "delivered" ? notLookedFor : unknownFor(stop);
}
