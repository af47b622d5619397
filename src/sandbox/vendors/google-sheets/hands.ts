import {
  cellAt,
  deleteRows,
  insertColumns,
  insertRows,
  setCell,
  shown,
  type Tab,
  valuesIn,
  type Workbook,
} from "./workbook.ts";

/** What a person does in the browser. Rows and columns count from 0; row 0 is the header. */
export type Hands = {
  tabs(): string[];
  /** All cells as text, without the empty ones at the ends. Empty when there is no such tab. */
  rows(title: string): string[][];
  /** How many cells hold a formula. */
  formulas(title: string): number;
  edit(title: string, row: number, column: number, text: string): void;
  /** Sorts all rows but the header by a column's text. */
  sort(title: string, column: number, descending?: boolean): void;
  moveRow(title: string, from: number, to: number): void;
  insertRow(title: string, at: number, cells: readonly string[]): void;
  deleteRow(title: string, row: number): void;
  insertColumn(title: string, at: number, header: string): void;
  moveColumn(title: string, from: number, to: number): void;
  addTab(title: string, rows?: readonly (readonly string[])[]): void;
  renameTab(title: string, to: string): void;
  deleteTab(title: string): void;
};

/** The hands of a person on a workbook. */
export function handsOn(book: Workbook): Hands {
  function tabAt(title: string): Tab {
    const tab = book.byTitle(title);
    if (!tab) throw new Error(`There is no tab "${title}".`);
    return tab;
  }

  return {
    tabs: () => book.tabs.map(({ title }) => title),
    rows(title) {
      const tab = book.byTitle(title);
      return tab ? valuesIn(tab, { top: 0, left: 0, bottom: tab.rowCount - 1, right: tab.columnCount - 1 }) : [];
    },
    formulas: (title) =>
      tabAt(title)
        .rows.flat()
        .filter((cell) => typeof cell === "object" && cell !== null).length,
    edit(title, row, column, text) {
      setCell(tabAt(title), row, column, text === "" ? null : text);
    },
    sort(title, column, descending = false) {
      const tab = tabAt(title);
      const [header = [], ...rows] = tab.rows;
      const sign = descending ? -1 : 1;
      const key = (cells: (typeof rows)[number]): string => shown(cells[column] ?? null);
      rows.sort((a, b) =>
        key(a) === "" ? 1 : key(b) === "" ? -1 : sign * (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0),
      );
      tab.rows = [header, ...rows];
    },
    moveRow(title, from, to) {
      const tab = tabAt(title);
      const [row = []] = tab.rows.splice(from, 1);
      tab.rows.splice(to, 0, row);
    },
    insertRow(title, at, cells) {
      const tab = tabAt(title);
      insertRows(tab, at, 1);
      cells.forEach((text, column) => {
        setCell(tab, at, column, text === "" ? null : text);
      });
    },
    deleteRow: (title, row) => deleteRows(tabAt(title), row, 1),
    insertColumn(title, at, header) {
      insertColumns(tabAt(title), at, 1);
      setCell(tabAt(title), 0, at, header);
    },
    moveColumn(title, from, to) {
      const tab = tabAt(title);
      const width = tab.columnCount;
      tab.rows = tab.rows.map((_, row) => {
        const cells = Array.from({ length: width }, (__, column) => cellAt(tab, row, column));
        const [cell = null] = cells.splice(from, 1);
        cells.splice(to, 0, cell);
        return cells;
      });
    },
    addTab(title, rows = []) {
      const tab = book.addTab(title);
      rows.forEach((cells, row) => {
        cells.forEach((text, column) => {
          if (text !== "") setCell(tab, row, column, text);
        });
      });
    },
    renameTab(title, to) {
      tabAt(title).title = to;
    },
    deleteTab(title) {
      book.tabs = book.tabs.filter((tab) => tab !== tabAt(title));
    },
  };
}
