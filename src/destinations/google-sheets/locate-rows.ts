import * as z from "zod";
import { isLeadId, type LeadId } from "../../model/id.ts";
import { columnLetters, rangeIn } from "./a1.ts";
import type { Answer } from "./api.ts";
import { cellText } from "./cell-text.ts";
import { longestColumn } from "./find-ids.ts";
import { findIdColumn } from "./layout.ts";
import { listTabs, type Sheet, type Tab } from "./sheet.ts";
import type { Trouble } from "./trouble.ts";

/** A row of a lead as it was a moment ago: meanwhile a person may have moved it, or put another in its place. */
export type Place = {
  tab: Tab;
  header: readonly string[];
  idColumn: number;
  /** From 0. */
  row: number;
  leadId: LeadId;
  /** The id cell as it is, spaces a person typed included. */
  text: string;
  /** True when the column of ids goes down to the last row there is. */
  atTheEnd: boolean;
};

/** The most ranges of one request, so that its address does not get too long. */
const mostRanges = 50;

/**
 * The rows of these leads in all tabs, those of a person's own included: a row may have been moved or copied there. Of a tab
 * without a header, what stands in its first rows tells which column holds the ids.
 */
export async function locateRows(sheet: Sheet, ids: ReadonlySet<LeadId>): Promise<Answer<Place[]>> {
  const located = await locateIds(sheet, ids);
  return located.ok ? { ok: true, value: located.value.places } : located;
}

/** The same, and the titles of tabs that have a header and no column of ids. */
export async function locateIds(
  sheet: Sheet,
  ids: ReadonlySet<LeadId>,
): Promise<Answer<{ places: Place[]; withoutIds: string[] }>> {
  const listed = await listTabs(sheet);
  if (!listed.ok) return listed;
  // A tab that is one large chart has no cells.
  const tabs = listed.value.filter(({ columns }) => columns > 0);
  const tops = await readRanges(
    sheet,
    tabs.map(({ title }) => rangeIn(title, "1:2")),
    "ROWS",
  );
  if (!tops.ok) return tops;
  const withIds = tabs.flatMap((tab, i) => {
    const [header = [], row = []] = tops.value[i] ?? [];
    const named = findIdColumn(header, row);
    const idColumn = named >= 0 ? named : header.findIndex(isLeadId);
    return idColumn < 0 ? [] : [{ tab, header, idColumn }];
  });
  const known = new Set(withIds.map(({ tab }) => tab));
  const withoutIds = tabs.filter((tab, i) => !known.has(tab) && (tops.value[i]?.[0]?.length ?? 0) > 0);
  const ranges = withIds.map(({ tab, idColumn }) => {
    const letters = columnLetters(idColumn);
    return rangeIn(tab.title, `${letters}:${letters}`);
  });
  const columns = await readRanges(sheet, ranges, "COLUMNS");
  if (!columns.ok) return columns;
  const places = withIds.flatMap((one, i) => {
    const [cells = []] = columns.value[i] ?? [];
    const atTheEnd = cells.length >= one.tab.rows;
    return cells.flatMap((text, row): Place[] => {
      const leadId = text.trim().toLowerCase();
      return isLeadId(leadId) && ids.has(leadId) ? [{ ...one, row, leadId, text, atTheEnd }] : [];
    });
  });
  return { ok: true, value: { places, withoutIds: withoutIds.map(({ title }) => title) } };
}

const otherCount: Trouble = {
  type: "retry",
  reason: { code: "other_count", message: "another number of ranges was answered than asked for" },
};

const values = z.object({
  valueRanges: z.array(z.object({ values: z.array(z.array(z.unknown())).optional() })).optional(),
});

async function readRanges(
  { api }: Sheet,
  ranges: readonly string[],
  majorDimension: "ROWS" | "COLUMNS",
): Promise<Answer<string[][][]>> {
  const read: string[][][] = [];
  for (let done = 0; done < ranges.length; done += mostRanges) {
    const query = new URLSearchParams({ majorDimension, fields: "valueRanges(range,values)" });
    for (const range of ranges.slice(done, done + mostRanges)) query.append("ranges", range);
    const answer = await api.read("/values:batchGet", query, values, longestColumn);
    if (!answer.ok) return answer;
    for (const { values = [] } of answer.value.valueRanges ?? []) read.push(values.map((cells) => cells.map(cellText)));
  }
  return read.length === ranges.length ? { ok: true, value: read } : { ok: false, trouble: otherCount };
}
