import { type Area, Refused, type Tab, type Workbook } from "./workbook.ts";

/** The tab and the cells a range in A1 notation names; unbounded sides end at the grid's. */
export function parseRange(range: string, book: Workbook): { tab: Tab; area: Area } {
  const [, quoted, plain, cells] = /^(?:'((?:[^']|'')+)'|([^!]+?))(?:!(.+))?$/.exec(range) ?? [];
  const title = quoted?.replaceAll("''", "'") ?? plain ?? "";
  const tab = book.byTitle(title);
  const area = tab && (cells === undefined ? wholeOf(tab) : areaOf(cells, tab));
  if (!tab || !area) throw new Refused(`Unable to parse range: ${range}`);
  return { tab, area };
}

/** A rectangle in A1 notation. */
export function rangeText({ title }: Tab, { top, left, bottom, right }: Area): string {
  const name = /^\w+$/.test(title) ? title : `'${title.replaceAll("'", "''")}'`;
  const [from, to] = [`${letters(left)}${top + 1}`, `${letters(right)}${bottom + 1}`];
  return `${name}!${from === to ? from : `${from}:${to}`}`;
}

function areaOf(cells: string, tab: Tab): Area | null {
  const [, c1 = "", r1 = "", colon, c2 = "", r2 = ""] = /^([A-Z]*)(\d*)(?:(:)([A-Z]*)(\d*))?$/i.exec(cells) ?? [];
  if (c1 + r1 === "" || (colon && c2 + r2 === "")) return null;
  const whole = wholeOf(tab);
  const single = !colon;
  return {
    top: r1 ? Number(r1) - 1 : whole.top,
    left: c1 ? indexOf(c1) : whole.left,
    bottom: r2 ? Number(r2) - 1 : single && r1 ? Number(r1) - 1 : whole.bottom,
    right: c2 ? indexOf(c2) : single && c1 ? indexOf(c1) : whole.right,
  };
}

function wholeOf({ rowCount, columnCount }: Tab): Area {
  return { top: 0, left: 0, bottom: rowCount - 1, right: columnCount - 1 };
}

function indexOf(text: string): number {
  return [...text.toUpperCase()].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

function letters(index: number): string {
  return (index < 26 ? "" : letters(Math.floor(index / 26) - 1)) + String.fromCharCode(65 + (index % 26));
}
