import * as z from "zod";
import type { LeadId } from "../../model/id.ts";
import { columnLetters, rangeIn } from "./a1.ts";
import type { AccessToken } from "./access-token.ts";
import { type Answer, type Api, createApi, type Reach } from "./api.ts";
import type { Options } from "./options.ts";
import { tabMissing } from "./trouble.ts";

/** A tab as Google describes it. */
export type Tab = { sheetId: number; title: string; rows: number; columns: number };

/** A header row, and where in it the columns are. */
export type Layout = {
  title: string;
  /** As people see it, without empty cells at the end. */
  header: readonly string[];
  /** The first column that has a header: Google begins the table there. */
  first: number;
  idColumn: number;
  /** When it was read, epoch milliseconds. */
  at: number;
};

/** What is kept between calls, for as long as the process lives. Losing it costs a few requests. */
type Memory = {
  token: AccessToken | null;
  layout: Layout | null;
  /** Where rows go: the configured tab, or its successor once the spreadsheet was full. */
  title: string;
  /** As last listed; null when that is known not to hold any more. */
  tabs: readonly Tab[] | null;
  /** True when this process has seen the tab: then its absence is a person's doing. */
  seen: boolean;
  /** Erasures asked for in this moment, which go together; null when there are none. */
  erasing: { ids: Set<LeadId>; result: Promise<Answer<Erasures>> } | null;
};

/** What came of erasures, by lead: whether a row was there, and how many cells still hold the id. */
export type Erasures = ReadonlyMap<LeadId, { found: boolean; left: number }>;

/** One spreadsheet, with what is known of it. */
export type Sheet = { api: Api; memory: Memory; options: Options; others: readonly string[] };

const memories = new WeakMap<Options, Memory>();

/** Opens the configured spreadsheet; asks nothing yet. `others`: ids of the destinations that get a status column. */
export function openSheet(options: Options, reach: Reach, others: readonly string[]): Sheet {
  let memory = memories.get(options);
  if (!memory) {
    memory = { token: null, layout: null, title: options.tab, tabs: null, seen: false, erasing: null };
    memories.set(options, memory);
  }
  return { api: createApi(options, reach, memory), memory, options, others };
}

const tabList = z.object({
  sheets: z.array(
    z.object({
      properties: z.object({
        sheetId: z.number().default(0),
        title: z.string(),
        gridProperties: z
          .object({ rowCount: z.number().default(0), columnCount: z.number().default(0) })
          .default({ rowCount: 0, columnCount: 0 }),
      }),
    }),
  ),
});

/** The spreadsheet's tabs as they are now. */
export async function listTabs({ api, memory }: Sheet): Promise<Answer<Tab[]>> {
  const fields = "sheets.properties(sheetId,title,gridProperties(rowCount,columnCount))";
  const answer = await api.read("", { fields }, tabList);
  if (!answer.ok) return answer;
  const tabs = answer.value.sheets.map(({ properties: { sheetId, title, gridProperties } }) => ({
    sheetId,
    title,
    rows: gridProperties.rowCount,
    columns: gridProperties.columnCount,
  }));
  memory.tabs = tabs;
  return { ok: true, value: tabs };
}

/** The tabs as last listed. Ids stay with their tabs, so what a person renamed is still found by them. */
export async function knownTabs(sheet: Sheet): Promise<Answer<readonly Tab[]>> {
  return sheet.memory.tabs ? { ok: true, value: sheet.memory.tabs } : listTabs(sheet);
}

const applied = z.object({
  replies: z
    .array(z.object({ findReplace: z.object({ occurrencesChanged: z.number().default(0) }).optional() }))
    .optional(),
  updatedSpreadsheet: z
    .object({
      sheets: z.array(
        z.object({
          data: z
            .array(
              z.object({
                startRow: z.number().default(0),
                startColumn: z.number().default(0),
                rowData: z
                  .array(z.object({ values: z.array(z.object({ formattedValue: z.string().default("") })).optional() }))
                  .optional(),
              }),
            )
            .default([]),
        }),
      ),
    })
    .optional(),
});

/** Applies requests together or not at all; resolves to how many cells each of them replaced. */
export async function update(sheet: Sheet, requests: readonly object[]): Promise<Answer<number[]>> {
  const answer = await apply(sheet, requests, {});
  if (!answer.ok) return answer;
  return { ok: true, value: requests.map((_, i) => answer.value.replies?.[i]?.findReplace?.occurrencesChanged ?? 0) };
}

/** A cell of a tab, from 0. */
export type Cell = { row: number; column: number };

/** The same; resolves to what some cells of a tab read right after it, before anybody else's change. */
export async function updateAndSee(
  sheet: Sheet,
  requests: readonly object[],
  title: string,
  cells: readonly Cell[],
): Promise<Answer<string[]>> {
  const responseRanges = cells.map(({ row, column }) => rangeIn(title, `${columnLetters(column)}${row + 1}`));
  const see = { includeSpreadsheetInResponse: true, responseIncludeGridData: true, responseRanges };
  const answer = await apply(sheet, requests, see);
  if (!answer.ok) return answer;
  const data = answer.value.updatedSpreadsheet?.sheets.flatMap((one) => one.data) ?? [];
  const texts = cells.map(({ row, column }) => {
    const found = data.find(({ startRow, startColumn }) => startRow === row && startColumn === column);
    return found?.rowData?.[0]?.values?.[0]?.formattedValue.trim() ?? "";
  });
  return { ok: true, value: texts };
}

async function apply({ api, memory }: Sheet, requests: readonly object[], see: object) {
  const fields = "replies,updatedSpreadsheet.sheets.data(startRow,startColumn,rowData.values.formattedValue)";
  const answer = await api.write(":batchUpdate", { fields }, { requests, ...see }, applied);
  const madeTab = requests.some((request) => "addSheet" in request);
  if (madeTab || (!answer.ok && answer.trouble.reason.code === tabMissing)) forgetTabs(memory);
  return answer;
}

/** After this everything about the spreadsheet is asked again. */
export function forgetTabs(memory: Memory): void {
  memory.layout = null;
  memory.tabs = null;
}

/** Cells of text, as typed requests write them: never a formula, a number or a date. */
export function textRow(texts: readonly string[]): object {
  return { values: texts.map((stringValue) => ({ userEnteredValue: { stringValue } })) };
}

/** Requests for a tab with a frozen header and nothing else, so that it takes few of the spreadsheet's cells. */
export function newTab(
  title: string,
  header: readonly string[],
  tabs: readonly Tab[],
): { tab: Tab; requests: object[] } {
  const tab = { sheetId: freeId(tabs), title, rows: 2, columns: header.length };
  const { sheetId, rows: rowCount, columns: columnCount } = tab;
  const addSheet = { properties: { sheetId, title, gridProperties: { rowCount, columnCount, frozenRowCount: 1 } } };
  return { tab, requests: [{ addSheet }, headerCells(sheetId, 0, header)] };
}

/** A request that writes headers from a column on. */
export function headerCells(sheetId: number, columnIndex: number, header: readonly string[]): object {
  const start = { sheetId, rowIndex: 0, columnIndex };
  return { updateCells: { start, rows: [textRow(header)], fields: "userEnteredValue" } };
}

/** An id no tab has, so that tab and header can be made in one request. */
function freeId(tabs: readonly Tab[]): number {
  const taken = new Set(tabs.map(({ sheetId }) => sheetId));
  let id = 1_001;
  while (taken.has(id)) id += 1;
  return id;
}
