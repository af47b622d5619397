import * as z from "zod";
import type { AccessToken } from "./access-token.ts";
import { type Answer, type Api, createApi, type Reach } from "./api.ts";
import type { Options } from "./options.ts";
import { tabMissing } from "./trouble.ts";

/** A tab as Google describes it. */
export type Tab = { sheetId: number; title: string; columns: number };

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
};

/** One spreadsheet, with what is known of it. */
export type Sheet = { api: Api; memory: Memory; options: Options; others: readonly string[] };

const memories = new WeakMap<Options, Memory>();

/** Opens the configured spreadsheet; asks nothing yet. `others`: ids of the destinations that get a status column. */
export function openSheet(options: Options, reach: Reach, others: readonly string[]): Sheet {
  let memory = memories.get(options);
  if (!memory) {
    memory = { token: null, layout: null, title: options.tab, tabs: null, seen: false };
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
        gridProperties: z.object({ columnCount: z.number().default(0) }).default({ columnCount: 0 }),
      }),
    }),
  ),
});

/** The spreadsheet's tabs as they are now. */
export async function listTabs({ api, memory }: Sheet): Promise<Answer<Tab[]>> {
  const fields = "sheets.properties(sheetId,title,gridProperties(columnCount))";
  const answer = await api.read("", { fields }, tabList);
  if (!answer.ok) return answer;
  const tabs = answer.value.sheets.map(({ properties: { sheetId, title, gridProperties } }) => ({
    sheetId,
    title,
    columns: gridProperties.columnCount,
  }));
  memory.tabs = tabs;
  return { ok: true, value: tabs };
}

/** The tabs as last listed. Ids stay with their tabs, so what a person renamed is still found by them. */
export async function knownTabs(sheet: Sheet): Promise<Answer<readonly Tab[]>> {
  return sheet.memory.tabs ? { ok: true, value: sheet.memory.tabs } : listTabs(sheet);
}

const replies = z.object({
  replies: z
    .array(z.object({ findReplace: z.object({ occurrencesChanged: z.number().default(0) }).optional() }))
    .optional(),
});

/** Applies requests together or not at all; resolves to how many cells each of them replaced. */
export async function update({ api, memory }: Sheet, requests: readonly object[]): Promise<Answer<number[]>> {
  const answer = await api.write(":batchUpdate", {}, { requests }, replies);
  const madeTab = requests.some((request) => "addSheet" in request);
  if (madeTab || (!answer.ok && answer.trouble.reason.code === tabMissing)) forgetTabs(memory);
  if (!answer.ok) return answer;
  return { ok: true, value: requests.map((_, i) => answer.value.replies?.[i]?.findReplace?.occurrencesChanged ?? 0) };
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
): { sheetId: number; requests: object[] } {
  const sheetId = freeId(tabs);
  const gridProperties = { rowCount: 2, columnCount: header.length, frozenRowCount: 1 };
  const addSheet = { properties: { sheetId, title, gridProperties } };
  return { sheetId, requests: [{ addSheet }, headerCells(sheetId, 0, header)] };
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
