import * as z from "zod";
import type { BatchEntry, PlannedRequest } from "../../model/destination.ts";
import type { DeliveryId } from "../../model/id.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { columnLetters, rangePath } from "./a1.ts";
import { type Answer, spreadsheetUrl } from "./api.ts";
import { neededHeaders, type Row, rowOf } from "./columns.ts";
import { findIds, successorOf } from "./find-ids.ts";
import { type Opened, openLayout } from "./layout.ts";
import type { Options } from "./options.ts";
import { forgetTabs, type Layout, type Sheet } from "./sheet.ts";
import { badRequest, notSent, spreadsheetFull, type Trouble, tabMissing, tooLarge } from "./trouble.ts";

/** Google asks for payloads of 2 MB at most, per https://developers.google.com/workspace/sheets/api/limits (read 2026-11). */
const longestPayload = 2_000_000;

type Verdicts = Map<DeliveryId, Outcome>;
type Line = { entry: BatchEntry; row: Row };

const appended = z.object({ updates: z.object({ updatedRows: z.number() }) });

/** Brings leads to the sheet, all in one call where that is possible. Those that may be there already are looked for first. */
export async function appendLeads(sheet: Sheet, batch: readonly BatchEntry[]): Promise<Verdicts> {
  const verdicts: Verdicts = new Map();
  const opened = await openLayout(sheet);
  if (!opened.ok) return judge(verdicts, batch, opened.trouble);
  const missing = await withoutThoseThere(sheet, batch, verdicts);
  const left = await appendTo(sheet, opened.value, missing, verdicts);
  if (left.length === 0) return verdicts;
  const next = await moveOn(sheet);
  if (!next.ok) return judge(verdicts, left, next.trouble);
  for (const { context } of left) verdicts.delete(context.deliveryId);
  await appendTo(sheet, next.value, left, verdicts);
  return verdicts;
}

async function withoutThoseThere(
  sheet: Sheet,
  batch: readonly BatchEntry[],
  verdicts: Verdicts,
): Promise<readonly BatchEntry[]> {
  const unsure = batch.filter(({ context }) => context.uncertain);
  if (unsure.length === 0) return batch;
  const found = await findIds(sheet, new Set(unsure.map(({ lead }) => lead.id)));
  // A look that failed is not "not there".
  if (!found.ok) judge(verdicts, unsure, found.trouble);
  else for (const entry of unsure) if (found.value.has(entry.lead.id)) deliver(verdicts, entry, sheet.memory.title);
  return batch.filter(({ context }) => !verdicts.has(context.deliveryId));
}

/** Gives a verdict on every entry. Resolves to those refused because the spreadsheet is full. */
async function appendTo(
  sheet: Sheet,
  { layout, warnings }: Opened,
  entries: readonly BatchEntry[],
  verdicts: Verdicts,
): Promise<BatchEntry[]> {
  const lines = entries.map((entry) => ({ entry, row: rowOf(entry.lead, layout, sheet.options, sheet.others) }));
  const waiting = chunksOf(lines);
  for (let chunk = waiting.shift(); chunk; chunk = waiting.shift()) {
    const answer = await append(sheet, layout, chunk);
    if (answer.ok) {
      for (const { entry, row } of chunk) deliver(verdicts, entry, layout.title, [...warnings, ...row.warnings], 200);
      continue;
    }
    const { trouble } = answer;
    const { code } = trouble.reason;
    const aboutOne = code === badRequest || code === tooLarge;
    if (aboutOne && chunk.length > 1) {
      const middle = Math.ceil(chunk.length / 2);
      waiting.unshift(chunk.slice(0, middle), chunk.slice(middle));
      continue;
    }
    judge(verdicts, entriesOf([chunk]), trouble);
    if (aboutOne) continue;
    if (code === tabMissing) forgetTabs(sheet.memory);
    judge(verdicts, entriesOf(waiting), notSent(trouble));
    return code === spreadsheetFull ? entriesOf([chunk, ...waiting]) : [];
  }
  return [];
}

/**
 * Row by row below the table, in new rows, as they are: nothing is read as a formula, a number or a date, and no row that is
 * there is written over. The range is the header's first cell, so that Google finds the table that begins there; without it an
 * empty column somewhere would shift the rows sideways. Per
 * https://developers.google.com/workspace/sheets/api/guides/values#append_values (read 2026-11).
 */
async function append({ api }: Sheet, layout: Layout, lines: readonly Line[]): Promise<Answer<unknown>> {
  const path = appendPath(layout);
  const answer = await api.write(path, appendQuery, { values: lines.map(({ row }) => row.cells) }, appended);
  if (!answer.ok || answer.value.updates.updatedRows === lines.length) return answer;
  const reason = { code: "other_count", message: "another number of rows was written than sent" };
  return { ok: false, trouble: { type: "uncertain", reason } };
}

const appendQuery = { valueInputOption: "RAW", insertDataOption: "INSERT_ROWS", fields: "updates.updatedRows" };

function appendPath({ title, first }: Pick<Layout, "title" | "first">): string {
  return `/values/${rangePath(title, `${columnLetters(first)}1`)}:append`;
}

/** Rows go on in the successor of the tab, made if need be. When that is full too, a person has to make room. */
async function moveOn(sheet: Sheet): Promise<Answer<Opened>> {
  const { memory, options } = sheet;
  memory.title = successorOf(options);
  memory.seen = false;
  const opened = await openLayout(sheet);
  if (!opened.ok) {
    memory.title = options.tab;
    return opened;
  }
  const warning = `the spreadsheet is nearly full (10 million cells): rows go on in the tab "${memory.title}"; make room, or use another spreadsheet`;
  return { ok: true, value: { layout: opened.value.layout, warnings: [warning] } };
}

/** The request `appendLeads` makes for one lead in a tab of our own. */
export function plannedAppend(lead: Lead, options: Options): PlannedRequest {
  const header = neededHeaders(options, []);
  const { cells } = rowOf(lead, { header, first: 0, idColumn: 0 }, options, []);
  const query = new URLSearchParams({ ...appendQuery, prettyPrint: "false" });
  return {
    method: "POST",
    url: `${spreadsheetUrl(options)}${appendPath({ title: options.tab, first: 0 })}?${query}`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ values: [cells] }),
  };
}

/** Rows in portions no longer than Google likes to have. */
function chunksOf(lines: readonly Line[]): Line[][] {
  const chunks: Line[][] = [];
  let length = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    const own = Buffer.byteLength(JSON.stringify(line.row.cells));
    length += own;
    if (length > longestPayload) {
      chunks.push([]);
      length = own;
    }
    chunks.at(-1)?.push(line);
  }
  return chunks;
}

function entriesOf(chunks: readonly Line[][]): BatchEntry[] {
  return chunks.flat().map(({ entry }) => entry);
}

function deliver(
  verdicts: Verdicts,
  { context }: BatchEntry,
  ref: string,
  warnings: string[] = [],
  status?: number,
): void {
  const told = { ...(warnings.length > 0 ? { warnings } : {}), ...(status === undefined ? {} : { status }) };
  verdicts.set(context.deliveryId, { type: "delivered", ref, ...told });
}

function judge(verdicts: Verdicts, entries: readonly BatchEntry[], trouble: Trouble): Verdicts {
  for (const { context } of entries) verdicts.set(context.deliveryId, trouble);
  return verdicts;
}
