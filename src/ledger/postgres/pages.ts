import { idTime, type LeadId } from "../../model/id.ts";
import { documentTest } from "../document-test.ts";
import type { LeadFilter, LeadPage, LeadRecord } from "../ledger.ts";
import { clearDocuments } from "../sealing/documents.ts";
import { conditionsOf, numbered } from "./conditions.ts";
import type { Database, Transaction } from "./database.ts";
import { findRecords } from "./records.ts";
import { documentsIn } from "./sealing.ts";
import { openSources } from "./sources.ts";

/** Leads looked at in one transaction: few at first, for most filters let nearly all through. */
const firstLook = 100;
const longestLook = 2_000;
/** The same when their documents are read. */
const longestRead = 250;
const defaultLookAt = 20_000;
/** Records read at once for a list, and for how long they are given out as they were. */
const recordsAtOnce = 50;
const freshMs = 1_000;

/** What one look came to: the leads that match, and how far down it went; null: to the end. */
type Found = { ids: LeadId[]; looked: number; to: LeadId | null };

/** Lists of leads, newest first, read in small looks so that a long one needs no more memory or patience than a short one. */
export function createPages(db: Database) {
  const read = <T>(work: (tx: Transaction) => Promise<T>) => db.read(work, { long: true });

  async function* looks(filter: LeadFilter, before: LeadId | undefined, lookAt: number): AsyncGenerator<Found> {
    const next = await read((tx) => openSources(tx, filter, before));
    const conditions = conditionsOf(filter);
    const test = documentTest(filter);
    const match = numbered(
      `SELECT id${test ? ", document" : ""} FROM leads WHERE id = ANY (?) AND ${conditions.sql} ORDER BY id DESC`,
    );
    let size = firstLook;
    for (let left = lookAt; left > 0; ) {
      const found = await read(async (tx) => {
        const { ids, to } = await next(tx, Math.min(size, left));
        const rows = await tx.queryOnce<{ id: LeadId; document: string }>(match, [ids, ...conditions.values]);
        const documents = test ? await documentsIn(tx, rows) : clearDocuments;
        const matching = test ? rows.filter(({ id, document }) => test(documents.clear(id, document), id)) : rows;
        return { ids: matching.map(({ id }) => id), looked: ids.length, to };
      });
      yield found;
      if (found.to === null) return;
      left -= found.looked;
      if (found.ids.length < found.looked / 2) size = Math.min(size * 2, test ? longestRead : longestLook);
    }
  }

  /** Whoever takes the list slowly is not shown what was erased meanwhile. */
  async function* recordsOf(ids: readonly LeadId[]): AsyncGenerator<LeadRecord> {
    for (let left = ids; left.length > 0; ) {
      const chunk = left.slice(0, recordsAtOnce);
      const records = await read((tx) => findRecords(tx, chunk));
      const readAt = performance.now();
      left = left.slice(chunk.length);
      for (const record of records) {
        if (performance.now() - readAt > freshMs) {
          left = [...chunk.slice(chunk.indexOf(record.lead.id)), ...left];
          break;
        }
        yield record;
      }
    }
  }

  async function* list(filter: LeadFilter): AsyncGenerator<LeadRecord> {
    let left = filter.limit ?? Number.POSITIVE_INFINITY;
    if (left === 0) return;
    for await (const { ids } of looks(filter, undefined, Number.POSITIVE_INFINITY)) {
      for await (const record of recordsOf(left < ids.length ? ids.slice(0, left) : ids)) {
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
    for await (const found of looks(filter, before, lookAt)) {
      ids.push(...found.ids);
      reached = found.to;
      if (ids.length > size) break;
    }
    const isFull = ids.length > size;
    const next = isFull ? (ids[size - 1] ?? null) : reached;
    return read(async (tx) => ({
      records: await findRecords(tx, ids.slice(0, size)),
      next,
      searchedBack: isFull || reached === null ? null : await timeOf(tx, reached),
    }));
  }

  return { list, page };
}

async function timeOf(tx: Transaction, id: LeadId): Promise<number> {
  const [row] = await tx.query<{ received_at: number }>("SELECT received_at FROM leads WHERE id = $1", [id]);
  return row?.received_at ?? idTime(id);
}
