import { parseRange } from "./a1.ts";
import { valuesIn, type Workbook } from "./workbook.ts";

/**
 * The cells of some ranges as part of a spreadsheet resource, per
 * https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/sheets#griddata (read 2026-11): by tab,
 * in the order asked for. Like Google, leaves out what is nought.
 */
export function gridData(book: Workbook, ranges: readonly string[]): { sheets: object[] } {
  const parsed = ranges.map((range) => parseRange(range, book));
  const tabs = [...new Set(parsed.map(({ tab }) => tab))];
  return {
    sheets: tabs.map((tab) => ({
      properties: { ...(tab.sheetId > 0 && { sheetId: tab.sheetId }), title: tab.title },
      data: parsed
        .filter((one) => one.tab === tab)
        .map(({ area }) => ({
          ...(area.top > 0 && { startRow: area.top }),
          ...(area.left > 0 && { startColumn: area.left }),
          rowData: valuesIn(tab, area).map((cells) => ({
            values: cells.map((text) => (text === "" ? {} : { formattedValue: text })),
          })),
        })),
    })),
  };
}
