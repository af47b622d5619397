import { rangeText } from "./a1.ts";
import { type Area, type Cell, cellAt, insertRows, Refused, setCell, type Tab } from "./workbook.ts";

export type AppendOptions = { userEntered: boolean; insertRows: boolean };

/**
 * `values:append`: finds the table in the range, and writes below its last row from its first column on, per
 * https://developers.google.com/workspace/sheets/api/guides/values#append_values (read 2026-11). What a table is, Google does
 * not say; here it is the block of cells with nothing but empty cells around, as the editor's "select all" takes it.
 */
export function append(tab: Tab, range: Area, values: readonly unknown[][], options: AppendOptions) {
  const table = tableIn(tab, range);
  const top = table ? table.bottom + 1 : range.top;
  const left = table ? table.left : range.left;
  const width = Math.max(...values.map((row) => row.length));
  if (options.insertRows && table) insertRows(tab, top, values.length);
  tab.rowCount = Math.max(tab.rowCount, top + values.length);
  tab.columnCount = Math.max(tab.columnCount, left + width);
  values.forEach((row, i) => {
    row.forEach((value, j) => {
      if (value !== null) setCell(tab, top + i, left + j, cellOf(value, options.userEntered));
    });
  });
  const area = { top, left, bottom: top + values.length - 1, right: left + width - 1 };
  return {
    ...(table && { tableRange: rangeText(tab, table) }),
    updates: {
      updatedRange: rangeText(tab, area),
      updatedRows: values.length,
      updatedColumns: width,
      updatedCells: values.flat().filter((value) => value !== null).length,
    },
  };
}

/** A value as it is stored: as it is, or parsed like typed text. */
export function cellOf(value: unknown, userEntered: boolean): Cell {
  if (typeof value === "boolean") return value ? "TRUE" : "FALSE";
  if (typeof value !== "string" && typeof value !== "number") throw new Refused("Invalid values: list_value");
  const text = String(value);
  if (!userEntered) return text === "" ? null : text;
  if (/^=./.test(text)) return { formula: text };
  if (/^'/.test(text)) return text.slice(1);
  const number = /^\+?[\d,]+(\.\d+)?$/.test(text) ? text.replace(/^\+|,/g, "").replace(/^0+(?=\d)/, "") : text;
  return number === "" ? null : number;
}

function tableIn(tab: Tab, range: Area): Area | null {
  for (let row = Math.min(range.bottom, tab.rows.length - 1); row >= range.top; row -= 1) {
    for (let column = Math.min(range.right, (tab.rows[row]?.length ?? 0) - 1); column >= range.left; column -= 1) {
      if (cellAt(tab, row, column) !== null) return blockAround(tab, row, column);
    }
  }
  return null;
}

function blockAround(tab: Tab, row: number, column: number): Area {
  const block = { top: row, left: column, bottom: row, right: column };
  const filled = (r: number, c: number): boolean => r >= 0 && c >= 0 && cellAt(tab, r, c) !== null;
  const rowFilled = (r: number): boolean => anyBetween(block.left - 1, block.right + 1, (c) => filled(r, c));
  const columnFilled = (c: number): boolean => anyBetween(block.top - 1, block.bottom + 1, (r) => filled(r, c));
  for (let grown = true; grown; ) {
    grown = false;
    for (; rowFilled(block.bottom + 1); block.bottom += 1) grown = true;
    for (; rowFilled(block.top - 1); block.top -= 1) grown = true;
    for (; columnFilled(block.right + 1); block.right += 1) grown = true;
    for (; columnFilled(block.left - 1); block.left -= 1) grown = true;
  }
  return block;
}

function anyBetween(from: number, to: number, test: (index: number) => boolean): boolean {
  for (let index = from; index <= to; index += 1) if (test(index)) return true;
  return false;
}
