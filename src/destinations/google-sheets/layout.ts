import * as z from "zod";
import { isLeadId } from "../../model/id.ts";
import { rangePath } from "./a1.ts";
import type { Answer } from "./api.ts";
import { cellText } from "./cell-text.ts";
import { columnKey, idHeader, neededHeaders } from "./columns.ts";
import { headerCells, type Layout, listTabs, newTab, type Sheet, type Tab, update } from "./sheet.ts";
import { notSent, type Trouble, tabMissing } from "./trouble.ts";

/** A header is read again after this: in between, nobody's change to the columns is noticed. */
const freshMs = 10_000;

const values = z.object({ values: z.array(z.array(z.unknown())).optional() });

/** The header of a tab and, when there is one, the place of the lead ids; null when the first row is empty. */
export async function readLayout({ api }: Sheet, title: string): Promise<Answer<Layout | null>> {
  const answer = await api.read(`/values/${rangePath(title, "1:2")}`, { fields: "values" }, values);
  if (!answer.ok) return answer;
  const [header = [], row = []] = (answer.value.values ?? []).map((cells) => cells.map(cellText));
  while (header.at(-1)?.trim() === "") header.pop();
  if (header.length === 0) return { ok: true, value: null };
  const idColumn = findIdColumn(header, row);
  const first = header.findIndex((text) => text.trim() !== "");
  return { ok: true, value: { title, header, first, idColumn, at: api.now() } };
}

/** The column of lead ids by its header or, when a person has given it another name, by what is in it; -1 when there is none. */
export function findIdColumn(header: readonly string[], row: readonly string[]): number {
  const named = header.findIndex((text) => columnKey(text) === idHeader);
  return named >= 0 ? named : row.findIndex((text, i) => i < header.length && isLeadId(text));
}

/** `warnings`: what a person should hear of. */
export type Opened = { layout: Layout; warnings: string[] };

/**
 * The layout rows are to be written by. Makes what is missing: the tab, its header, or columns at the right end. Columns are
 * inserted, not written over what is there, so that nothing a person types in the same moment is lost.
 */
export async function openLayout(sheet: Sheet): Promise<Answer<Opened>> {
  const { api, memory } = sheet;
  const known = memory.layout;
  if (
    known &&
    known.title === memory.title &&
    api.now() - known.at < freshMs &&
    missingHeaders(sheet, known).length === 0
  )
    return { ok: true, value: { layout: known, warnings: [] } };
  const read = await readLayout(sheet, memory.title);
  if (!read.ok && read.trouble.reason.code === tabMissing) {
    const warnings = memory.seen ? [`the tab "${memory.title}" was gone and has been made anew`] : [];
    return remember(sheet, await makeTab(sheet), warnings);
  }
  if (!read.ok) return read;
  if (read.value === null) return remember(sheet, await makeHeader(sheet));
  if (read.value.header.some(isLeadId)) return { ok: false, trouble: headerGone(read.value.title) };
  return remember(sheet, await makeColumns(sheet, read.value));
}

/** Headers that have to be added to a layout. */
export function missingHeaders({ options, others }: Sheet, { header, idColumn }: Layout): string[] {
  const there = new Set(header.map(columnKey));
  if (idColumn >= 0) there.add(idHeader);
  return neededHeaders(options, others).filter((text) => !there.has(columnKey(text)));
}

function remember({ memory }: Sheet, made: Answer<Layout>, warnings: string[] = []): Answer<Opened> {
  if (!made.ok) return { ok: false, trouble: notSent(made.trouble) };
  memory.layout = made.value;
  memory.seen = true;
  return { ok: true, value: { layout: made.value, warnings } };
}

async function makeTab(sheet: Sheet): Promise<Answer<Layout>> {
  const tabs = await listTabs(sheet);
  if (!tabs.ok) return tabs;
  const header = neededHeaders(sheet.options, sheet.others);
  const made = await update(sheet, newTab(sheet.memory.title, header, tabs.value).requests);
  return made.ok ? { ok: true, value: ownLayout(sheet, header) } : made;
}

/** Above whatever is there: a first row that was empty a moment ago is not written over. */
async function makeHeader(sheet: Sheet): Promise<Answer<Layout>> {
  const tab = await findTab(sheet);
  if (!tab.ok) return tab;
  const { sheetId, columns } = tab.value;
  const header = neededHeaders(sheet.options, sheet.others);
  const made = await update(sheet, [
    ...(columns < header.length ? [appendColumns(sheetId, header.length - columns)] : []),
    {
      insertDimension: { range: { sheetId, dimension: "ROWS", startIndex: 0, endIndex: 1 }, inheritFromBefore: false },
    },
    headerCells(sheetId, 0, header),
  ]);
  return made.ok ? { ok: true, value: ownLayout(sheet, header) } : made;
}

async function makeColumns(sheet: Sheet, layout: Layout): Promise<Answer<Layout>> {
  const missing = missingHeaders(sheet, layout);
  if (missing.length === 0) return { ok: true, value: layout };
  const tab = await findTab(sheet);
  if (!tab.ok) return tab;
  const { sheetId, columns } = tab.value;
  const startIndex = layout.header.length;
  const range = { sheetId, dimension: "COLUMNS", startIndex, endIndex: startIndex + missing.length };
  const made = await update(sheet, [
    // Columns can be inserted before a column, not after the last.
    ...(columns <= startIndex ? [appendColumns(sheetId, 1)] : []),
    { insertDimension: { range, inheritFromBefore: true } },
    headerCells(sheetId, startIndex, missing),
  ]);
  if (!made.ok) return made;
  const header = [...layout.header, ...missing];
  return { ok: true, value: { ...layout, header, idColumn: idColumnIn(layout, header) } };
}

function idColumnIn({ idColumn }: Layout, header: readonly string[]): number {
  return idColumn >= 0 ? idColumn : header.findIndex((text) => columnKey(text) === idHeader);
}

function ownLayout({ api, memory }: Sheet, header: readonly string[]): Layout {
  return { title: memory.title, header, first: 0, idColumn: 0, at: api.now() };
}

function appendColumns(sheetId: number, length: number): object {
  return { appendDimension: { sheetId, dimension: "COLUMNS", length } };
}

async function findTab(sheet: Sheet): Promise<Answer<Tab>> {
  const tabs = await listTabs(sheet);
  if (!tabs.ok) return tabs;
  const tab = tabs.value.find(({ title }) => title === sheet.memory.title);
  return tab ? { ok: true, value: tab } : { ok: false, trouble: tabVanished() };
}

function tabVanished(): Trouble {
  return { type: "retry", reason: { code: tabMissing, message: "the tab was deleted or renamed just now" } };
}

function headerGone(title: string): Trouble {
  const message = `the tab "${title}" has lost its header; put back a first row that names the columns`;
  return { type: "blocked", reason: { code: "header_gone", message } };
}
