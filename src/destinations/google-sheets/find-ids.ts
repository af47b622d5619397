import * as z from "zod";
import { columnLetters, rangePath } from "./a1.ts";
import type { Answer } from "./api.ts";
import { cellText } from "./cell-text.ts";
import { readLayout } from "./layout.ts";
import type { Options } from "./options.ts";
import { listTabs, type Sheet } from "./sheet.ts";
import type { Trouble } from "./trouble.ts";

/** Longest answer that is read: a column of ten million cells at most, with about 44 bytes for each id of a sheet of thirty columns. */
export const longestColumn = 24 * 1024 * 1024;

const column = z.object({ values: z.array(z.array(z.unknown())).optional() });

/**
 * Which of these leads have a row. The id column is read in one request, and so at one moment: a row a person moves meanwhile
 * is in it at its old place or its new one, and cannot be missed in between.
 */
export async function findIds(sheet: Sheet, wanted: ReadonlySet<string>): Promise<Answer<Set<string>>> {
  const tabs = await listTabs(sheet);
  if (!tabs.ok) return tabs;
  const found = new Set<string>();
  const { options } = sheet;
  for (const { title } of tabs.value) {
    if (title !== options.tab && title !== successorOf(options)) continue;
    const ids = await readIds(sheet, title);
    if (!ids.ok) return ids;
    for (const id of ids.value) if (wanted.has(id)) found.add(id);
  }
  return { ok: true, value: found };
}

/** Where rows go on when the spreadsheet is full: a narrow tab may still fit where a wide one does not. */
export function successorOf({ tab }: Options): string {
  return `${tab} 2`;
}

async function readIds(sheet: Sheet, title: string): Promise<Answer<string[]>> {
  const layout = await readLayout(sheet, title);
  if (!layout.ok) return layout;
  if (layout.value === null || layout.value.idColumn < 0) return { ok: true, value: [] };
  const { header, idColumn } = layout.value;
  const cells = await readColumn(sheet, title, idColumn);
  if (!cells.ok) return cells;
  const [top = "", ...ids] = cells.value;
  if (top !== header[idColumn]) return { ok: false, trouble: columnsMoved };
  return { ok: true, value: ids };
}

/** A column from top to bottom. */
export async function readColumn({ api }: Sheet, title: string, index: number): Promise<Answer<string[]>> {
  const letters = columnLetters(index);
  const path = `/values/${rangePath(title, `${letters}:${letters}`)}`;
  const answer = await api.read(path, { fields: "values", majorDimension: "COLUMNS" }, column, longestColumn);
  if (!answer.ok) return answer;
  return { ok: true, value: (answer.value.values?.[0] ?? []).map((cell) => cellText(cell).trim()) };
}

const columnsMoved: Trouble = {
  type: "retry",
  reason: { code: "columns_moved", message: "the columns were moved while the sheet was looked through" },
};
