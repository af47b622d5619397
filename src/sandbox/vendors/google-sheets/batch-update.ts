import * as z from "zod";
import { deleteDuplicates } from "./delete-duplicates.ts";
import { gridData } from "./grid-data.ts";
import {
  type Area,
  type Cell,
  cellAt,
  deleteRows,
  insertColumns,
  insertRows,
  Refused,
  setCell,
  shown,
  type Tab,
  type Workbook,
} from "./workbook.ts";

const index = z.number().int().min(0);
const gridRange = z.object({
  sheetId: index.default(0),
  startRowIndex: index.optional(),
  endRowIndex: index.optional(),
  startColumnIndex: index.optional(),
  endColumnIndex: index.optional(),
});
const dimension = z.enum(["ROWS", "COLUMNS"]);
const rowData = z.object({
  values: z
    .array(
      z.object({
        userEnteredValue: z
          .object({ stringValue: z.string().optional(), formulaValue: z.string().optional() })
          .optional(),
      }),
    )
    .default([]),
});

/** The requests this sandbox knows; Google has some seventy more. */
const request = z.union([
  z.strictObject({
    addSheet: z.object({
      properties: z.object({
        sheetId: index.optional(),
        title: z.string(),
        gridProperties: z
          .object({ rowCount: index.optional(), columnCount: index.optional(), frozenRowCount: index.optional() })
          .default({}),
      }),
    }),
  }),
  z.strictObject({
    insertDimension: z.object({
      range: z.object({ sheetId: index.default(0), dimension, startIndex: index.default(0), endIndex: index }),
      inheritFromBefore: z.boolean().optional(),
    }),
  }),
  z.strictObject({
    deleteDimension: z.object({
      range: z.object({
        sheetId: index.default(0),
        dimension: z.literal("ROWS"),
        startIndex: index.default(0),
        endIndex: index,
      }),
    }),
  }),
  z.strictObject({
    deleteDuplicates: z.object({
      range: gridRange,
      comparisonColumns: z
        .array(
          z.object({
            sheetId: index.default(0),
            dimension: z.literal("COLUMNS"),
            startIndex: index.default(0),
            endIndex: index,
          }),
        )
        .default([]),
    }),
  }),
  z.strictObject({ appendDimension: z.object({ sheetId: index.default(0), dimension, length: index }) }),
  z.strictObject({
    updateCells: z.object({
      start: z.object({ sheetId: index.default(0), rowIndex: index.default(0), columnIndex: index.default(0) }),
      rows: z.array(rowData),
      fields: z.string(),
    }),
  }),
  z.strictObject({
    appendCells: z.object({ sheetId: index.default(0), rows: z.array(rowData), fields: z.string() }),
  }),
  z.strictObject({
    findReplace: z.object({
      find: z.string().min(1),
      replacement: z.string().default(""),
      matchCase: z.boolean().default(false),
      matchEntireCell: z.boolean().default(false),
      searchByRegex: z.boolean().default(false),
      includeFormulas: z.boolean().default(false),
      range: gridRange.optional(),
      sheetId: index.optional(),
      allSheets: z.boolean().optional(),
    }),
  }),
]);
type Request = z.output<typeof request>;

/**
 * `spreadsheets:batchUpdate`: all requests or none, per
 * https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/batchUpdate (read 2026-11).
 */
export function batchUpdate(
  book: Workbook,
  json: unknown,
  options: BatchOptions,
): { replies: object[]; updatedSpreadsheet?: object } {
  const parsed = body.safeParse(json);
  if (!parsed.success) throw new Refused("Invalid JSON payload received. Must specify at least one known request.");
  const { requests, includeSpreadsheetInResponse, responseRanges, responseIncludeGridData } = parsed.data;
  const replies = requests.map((one) => apply(book, one, options));
  if (!includeSpreadsheetInResponse) return { replies };
  const updatedSpreadsheet = responseIncludeGridData
    ? gridData(book, responseRanges)
    : { sheets: book.tabs.map((tab) => ({ properties: propertiesOf(tab) })) };
  return { replies, updatedSpreadsheet };
}

const body = z.object({
  requests: z.array(request).min(1),
  includeSpreadsheetInResponse: z.boolean().default(false),
  responseRanges: z.array(z.string()).default([]),
  responseIncludeGridData: z.boolean().default(false),
});

/** Where the documentation leaves something open. */
export type BatchOptions = { duplicatesLeaveRows: boolean };

function apply(book: Workbook, one: Request, { duplicatesLeaveRows }: BatchOptions): object {
  if ("addSheet" in one) {
    const { sheetId, title, gridProperties } = one.addSheet.properties;
    const { rowCount, columnCount, frozenRowCount } = gridProperties;
    const size = { sheetId, rowCount, columnCount, frozenRowCount };
    const given = Object.fromEntries(Object.entries(size).filter(([, value]) => value !== undefined));
    const tab = book.addTab(title, given);
    return { addSheet: { properties: propertiesOf(tab) } };
  }
  if ("insertDimension" in one) {
    const { sheetId, dimension, startIndex, endIndex } = one.insertDimension.range;
    const tab = book.byId(sheetId);
    const size = dimension === "ROWS" ? tab.rowCount : tab.columnCount;
    if (startIndex >= size)
      throw new Refused(
        `Invalid requests[0].insertDimension: range.startIndex[${startIndex}] must be less than the grid size (${size})`,
      );
    (dimension === "ROWS" ? insertRows : insertColumns)(tab, startIndex, endIndex - startIndex);
    return {};
  }
  if ("deleteDimension" in one) {
    const { sheetId, startIndex, endIndex } = one.deleteDimension.range;
    deleteRows(book.byId(sheetId), startIndex, endIndex - startIndex);
    return {};
  }
  if ("deleteDuplicates" in one) {
    const { range, comparisonColumns } = one.deleteDuplicates;
    const tab = book.byId(range.sheetId);
    const area = areaOf(range, tab);
    const compared = comparisonColumns.flatMap(({ startIndex, endIndex }) => numbers(startIndex, endIndex));
    const columns = compared.length > 0 ? compared : numbers(area.left, area.right + 1);
    const count = deleteDuplicates(tab, area, columns, { leaveRows: duplicatesLeaveRows });
    return { deleteDuplicates: count > 0 ? { duplicatesRemovedCount: count } : {} };
  }
  if ("appendDimension" in one) {
    const { sheetId, dimension, length } = one.appendDimension;
    const tab = book.byId(sheetId);
    if (dimension === "ROWS") tab.rowCount += length;
    else tab.columnCount += length;
    return {};
  }
  if ("updateCells" in one) {
    const { start, rows } = one.updateCells;
    write(book.byId(start.sheetId), start.rowIndex, start.columnIndex, rows);
    return {};
  }
  if ("appendCells" in one) {
    const { sheetId, rows } = one.appendCells;
    const tab = book.byId(sheetId);
    const at = tab.rows.findLastIndex((cells) => cells.some((cell) => cell !== null)) + 1;
    tab.rowCount = Math.max(tab.rowCount, at + rows.length);
    write(tab, at, 0, rows);
    return {};
  }
  return { findReplace: findReplace(book, one.findReplace) };
}

/** What Google says of a tab. */
export function propertiesOf({ sheetId, title, rowCount, columnCount, frozenRowCount }: Tab): object {
  const frozen = frozenRowCount > 0 ? { frozenRowCount } : {};
  return { sheetId, title, sheetType: "GRID", gridProperties: { rowCount, columnCount, ...frozen } };
}

function write(tab: Tab, row: number, column: number, rows: readonly z.output<typeof rowData>[]): void {
  rows.forEach(({ values }, i) => {
    values.forEach(({ userEnteredValue = {} }, j) => {
      const { stringValue, formulaValue } = userEnteredValue;
      const cell: Cell = formulaValue === undefined ? (stringValue ?? null) : { formula: formulaValue };
      setCell(tab, row + i, column + j, cell === "" ? null : cell);
    });
  });
}

type FindReplace = Extract<Request, { findReplace: unknown }>["findReplace"];

/** Like Google, leaves out what is nought. */
function findReplace(book: Workbook, asked: FindReplace): object {
  if ([asked.range, asked.sheetId, asked.allSheets].filter((where) => where !== undefined).length !== 1)
    throw new Refused("Invalid requests[0].findReplace: Must specify exactly one of range, sheetId or allSheets.");
  const { range } = asked;
  const pattern = patternOf(asked);
  const counts = { valuesChanged: 0, rowsChanged: 0, sheetsChanged: 0, occurrencesChanged: 0 };
  const tabs = asked.allSheets ? book.tabs : [book.byId(range?.sheetId ?? asked.sheetId ?? 0)];
  for (const tab of tabs) {
    const before = counts.valuesChanged;
    const area = areaOf(range ?? {}, tab);
    for (let row = area.top; row <= Math.min(area.bottom, tab.rows.length - 1); row += 1) {
      let touched = 0;
      const cells = tab.rows[row] ?? [];
      for (let column = area.left; column <= Math.min(area.right, cells.length - 1); column += 1) {
        const cell = cellAt(tab, row, column);
        if (typeof cell !== "string") continue;
        const found = cell.match(pattern)?.length ?? 0;
        if (found === 0) continue;
        touched += 1;
        counts.occurrencesChanged += found;
        const replaced = asked.searchByRegex
          ? cell.replace(pattern, asked.replacement)
          : cell.replace(pattern, () => asked.replacement);
        setCell(tab, row, column, shown(replaced) === "" ? null : replaced);
      }
      counts.valuesChanged += touched;
      if (touched > 0) counts.rowsChanged += 1;
    }
    if (counts.valuesChanged > before) counts.sheetsChanged += 1;
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

/** A range's rectangle; what it leaves open ends at the grid's sides. */
function areaOf(range: Partial<z.output<typeof gridRange>>, { rowCount, columnCount }: Tab): Area {
  return {
    top: range.startRowIndex ?? 0,
    left: range.startColumnIndex ?? 0,
    bottom: (range.endRowIndex ?? rowCount) - 1,
    right: (range.endColumnIndex ?? columnCount) - 1,
  };
}

function numbers(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i);
}

function patternOf({ find, matchCase, matchEntireCell, searchByRegex }: FindReplace): RegExp {
  const source = searchByRegex ? find : find.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(matchEntireCell ? `^(?:${source})$` : source, matchCase ? "g" : "gi");
}
