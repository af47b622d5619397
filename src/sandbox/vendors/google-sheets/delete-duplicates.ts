import { type Area, type Cell, cellAt, deleteRows, Refused, setCell, shown, type Tab } from "./workbook.ts";

/**
 * `deleteDuplicates`: of rows of a rectangle that say the same in the compared columns, in whatever case, the first stays, per
 * https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#deleteduplicatesrequest (read 2026-11).
 * Of the rest it says only that nothing outside the rectangle goes. `leaveRows`: what follows moves up inside it, and empty
 * rows remain at its end; else the rows themselves go. Resolves to how many went.
 */
export function deleteDuplicates(
  tab: Tab,
  area: Area,
  compared: readonly number[],
  { leaveRows }: { leaveRows: boolean },
): number {
  if (area.bottom >= tab.rowCount || area.right >= tab.columnCount)
    throw new Refused("Invalid requests[0].deleteDuplicates: The range exceeds the grid limits.");
  if (compared.some((column) => column < area.left || column > area.right))
    throw new Refused("Invalid requests[0].deleteDuplicates: Comparison columns must be within the range.");
  const seen = new Set<string>();
  const kept: Cell[][] = [];
  const repeated: number[] = [];
  for (let row = area.top; row <= area.bottom; row += 1) {
    const key = JSON.stringify(compared.map((column) => shown(cellAt(tab, row, column)).toLowerCase()));
    if (seen.has(key)) repeated.push(row);
    else kept.push(columnsOf(area).map((column) => cellAt(tab, row, column)));
    seen.add(key);
  }
  if (!leaveRows) for (const row of repeated.toReversed()) deleteRows(tab, row, 1);
  else if (repeated.length > 0) write(tab, area, kept);
  return repeated.length;
}

function write(tab: Tab, area: Area, kept: readonly (readonly Cell[])[]): void {
  for (let row = area.top; row <= area.bottom; row += 1) {
    const cells = kept[row - area.top];
    for (const column of columnsOf(area)) setCell(tab, row, column, cells?.[column - area.left] ?? null);
  }
}

function columnsOf({ left, right }: Area): number[] {
  return Array.from({ length: right - left + 1 }, (_, i) => left + i);
}
