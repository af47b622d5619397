import type { DatabaseSync } from "node:sqlite";
import { setImmediate as breathe, setTimeout as rest } from "node:timers/promises";
import { idTime, type LeadId } from "../../model/id.ts";
import { documentTest } from "../document-test.ts";
import type { LeadFilter, LeadPage, LeadRecord } from "../ledger.ts";
import type { Documents } from "../sealing/documents.ts";
import { conditionsOf } from "./conditions.ts";
import type { Leads } from "./leads.ts";
import type { Sources } from "./sources.ts";

/** Leads looked at between two turns of the event loop: as few as are wanted at first, for most filters let nearly all through. */
const firstLook = 50;
const fewest = 5;
const longestLook = 1_000;
/** The same when their documents are read. */
const longestRead = 250;
/** A submission takes several turns of the event loop; and reading backwards from the disk, 250 documents took 100 ms. */
const longestLookMs = 2;
const defaultLookAt = 20_000;

/** What one look came to: the leads that match, and how far down it went; null: to the end. */
type Found = { ids: LeadId[]; looked: number; to: LeadId | null };

/** Lists of leads, newest first, read in small looks so that a long one needs no more memory or patience than a short one. */
export function preparePages(
  db: DatabaseSync,
  { leads, sources, documents }: { leads: Leads; sources: Sources; documents: Documents },
) {
  const receivedAt = db.prepare("SELECT received_at FROM leads WHERE id = ?");

  /** `unhurried`: rests after reading documents as long as that took, since whoever reads them all would take a core for it. */
  async function* looks(
    filter: LeadFilter,
    request: { before?: LeadId | undefined; lookAt: number; first: number; unhurried: boolean },
  ): AsyncGenerator<Found> {
    const { before, lookAt, first, unhurried } = request;
    const next = sources.open(filter, before);
    const conditions = conditionsOf(filter);
    const test = documentTest(filter);
    const match = db.prepare(
      `SELECT id${test ? ", document" : ""} FROM leads
       WHERE id IN (SELECT value FROM json_each(?)) AND ${conditions.sql} ORDER BY id DESC`,
    );
    const most = test ? longestRead : longestLook;
    let size = Math.min(first, most);
    for (let left = lookAt; left > 0; ) {
      const begun = performance.now();
      const { ids, to } = next(Math.min(size, left));
      const rows = match.all(JSON.stringify(ids), ...conditions.values) as { id: LeadId; document: string }[];
      const matching = test ? rows.filter(({ id, document }) => test(documents.clear(id, document), id)) : rows;
      const tookMs = performance.now() - begun;
      yield { ids: matching.map(({ id }) => id), looked: ids.length, to: to as LeadId | null };
      if (to === null) return;
      left -= ids.length;
      if (tookMs > longestLookMs) size = Math.max(fewest, Math.floor((size * longestLookMs) / tookMs));
      else if (size < first || matching.length < ids.length / 2) size = Math.min(size * 2, most);
      await (test && unhurried ? rest(tookMs) : breathe());
    }
  }

  async function* list(filter: LeadFilter): AsyncGenerator<LeadRecord> {
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    if (left === 0) return;
    const request = { lookAt: Number.POSITIVE_INFINITY, first: Math.min(firstLook, left), unhurried: true };
    for await (const { ids } of looks(filter, request)) {
      for (const id of ids) {
        // Read as it is now: whoever takes the list slowly is not shown what was erased meanwhile.
        const record = leads.findRecord(id);
        if (!record) continue;
        yield record;
        left -= 1;
        if (left === 0) return;
      }
    }
  }

  async function page(
    filter: Omit<LeadFilter, "limit">,
    { size, before, lookAt = defaultLookAt }: { size: number; before?: LeadId; lookAt?: number },
  ): Promise<LeadPage> {
    const ids: LeadId[] = [];
    let reached: LeadId | null = null;
    for await (const found of looks(filter, { before, lookAt, first: size + 1, unhurried: false })) {
      ids.push(...found.ids);
      reached = found.to;
      if (ids.length > size) break;
    }
    const isFull = ids.length > size;
    const records = ids.slice(0, size).flatMap((id) => leads.findRecord(id) ?? []);
    const next = isFull ? (ids[size - 1] ?? null) : reached;
    return { records, next, searchedBack: isFull || reached === null ? null : timeOf(reached) };
  }

  function timeOf(id: LeadId): number {
    return (receivedAt.get(id)?.received_at as number | undefined) ?? idTime(id);
  }

  return { list, page };
}
