/** A cell as it is stored: text, a formula, or nothing. */
export type Cell = string | { formula: string } | null;

/** A tab. A row's array is never changed, only replaced, so that a copy of the list of rows is a copy of the tab. */
export type Tab = {
  sheetId: number;
  title: string;
  rowCount: number;
  columnCount: number;
  frozenRowCount: number;
  rows: (readonly Cell[])[];
};

/** A refusal of the vendor's. */
export class Refused extends Error {}

/** A spreadsheet in memory: tabs of cells, and the few operations everything else is made of. */
export type Workbook = {
  tabs: Tab[];
  /** Does all of it or, when it throws, nothing. */
  atomically<T>(work: () => T): T;
  byTitle(title: string): Tab | undefined;
  byId(sheetId: number): Tab;
  addTab(
    title: string,
    size?: { sheetId?: number; rowCount?: number; columnCount?: number; frozenRowCount?: number },
  ): Tab;
};

const longestCell = 50_000;

/** Starts a spreadsheet with the one empty tab that Google gives a new one. */
export function newWorkbook(mostCells: () => number): Workbook {
  let nextId = 0;
  const book: Workbook = {
    tabs: [],
    atomically(work) {
      const before = book.tabs.map((tab) => ({ ...tab, rows: tab.rows.slice() }));
      try {
        const result = work();
        const cells = book.tabs.reduce((sum, { rowCount, columnCount }) => sum + rowCount * columnCount, 0);
        if (cells > mostCells())
          throw new Refused(
            `This action would increase the number of cells in the workbook above the limit of ${mostCells()} cells.`,
          );
        return result;
      } catch (error) {
        book.tabs = before;
        throw error;
      }
    },
    byTitle: (title) => book.tabs.find((tab) => tab.title === title),
    byId(sheetId) {
      const tab = book.tabs.find((one) => one.sheetId === sheetId);
      if (!tab) throw new Refused(`Invalid requests[0]: No grid with id: ${sheetId}`);
      return tab;
    },
    addTab(title, { sheetId, rowCount = 1_000, columnCount = 26, frozenRowCount = 0 } = {}) {
      if (book.byTitle(title))
        throw new Refused(
          `Invalid requests[0].addSheet: A sheet with the name "${title}" already exists. Please enter another name.`,
        );
      if (book.tabs.some((tab) => tab.sheetId === sheetId))
        throw new Refused(`Invalid requests[0].addSheet: The sheet id ${sheetId} already exists.`);
      const tab: Tab = { sheetId: sheetId ?? nextId, title, rowCount, columnCount, frozenRowCount, rows: [] };
      nextId = Math.max(nextId, tab.sheetId) + 1;
      book.tabs.push(tab);
      return tab;
    },
  };
  book.addTab("Sheet1");
  return book;
}

/** What stands in a cell. */
export function cellAt({ rows }: Tab, row: number, column: number): Cell {
  return rows[row]?.[column] ?? null;
}

/** A cell as people see it; a formula shows itself here, since nothing is calculated. */
export function shown(cell: Cell): string {
  return cell === null ? "" : typeof cell === "string" ? cell : cell.formula;
}

/** Writes a cell; the grid has to have it. */
export function setCell(tab: Tab, row: number, column: number, cell: Cell): void {
  if (row >= tab.rowCount || column >= tab.columnCount)
    throw new Refused(
      `Range ('${tab.title}'!R${row + 1}C${column + 1}) exceeds grid limits. Max rows: ${tab.rowCount}, max columns: ${tab.columnCount}`,
    );
  if (shown(cell).length > longestCell)
    throw new Refused(`Your input contains more than the maximum of ${longestCell} characters in a single cell.`);
  while (tab.rows.length <= row) tab.rows.push([]);
  const cells = tab.rows[row]?.slice() ?? [];
  while (cells.length <= column) cells.push(null);
  cells[column] = cell;
  tab.rows[row] = cells;
}

/** Makes room for whole rows. */
export function insertRows(tab: Tab, at: number, count: number): void {
  if (at < tab.rows.length) tab.rows.splice(at, 0, ...Array.from({ length: count }, () => []));
  tab.rowCount += count;
}

/** Takes whole rows out. */
export function deleteRows(tab: Tab, at: number, count: number): void {
  if (at + count > tab.rowCount) throw new Refused("The rows to delete are outside of the grid.");
  const frozen = Math.max(0, Math.min(at + count, tab.frozenRowCount) - at);
  if (tab.rowCount - count <= tab.frozenRowCount - frozen)
    throw new Refused("Sorry, it is not possible to delete all non-frozen rows.");
  tab.frozenRowCount -= frozen;
  tab.rows.splice(at, count);
  tab.rowCount -= count;
}

/** Makes room for whole columns. */
export function insertColumns(tab: Tab, at: number, count: number): void {
  const gap: Cell[] = Array.from({ length: count }, () => null);
  tab.rows = tab.rows.map((cells) => (cells.length > at ? cells.toSpliced(at, 0, ...gap) : cells));
  tab.columnCount += count;
}

/** The values of a rectangle, without the empty cells and rows at its ends, as the API answers them. */
export function valuesIn(tab: Tab, area: Area): string[][] {
  const rows = tab.rows.slice(area.top, area.bottom + 1).map((cells) => {
    const values = cells.slice(area.left, area.right + 1).map(shown);
    return values.slice(0, values.findLastIndex((value) => value !== "") + 1);
  });
  return rows.slice(0, rows.findLastIndex((values) => values.length > 0) + 1);
}

/** A rectangle of cells, from 0, ends included. */
export type Area = { top: number; left: number; bottom: number; right: number };
