import * as z from "zod";
import type { DeliveryContext, RemoteCopy } from "../../model/destination.ts";
import type { LeadId } from "../../model/id.ts";
import type { Outcome } from "../../model/outcome.ts";
import { byHand } from "../shared/by-hand.ts";
import type { Answer } from "./api.ts";
import { locateRows, type Place } from "./locate-rows.ts";
import { type Erasures, type Sheet, textRow, update } from "./sheet.ts";
import { putBackAll } from "./show-consent.ts";
import { forAPerson, keepsMoving, wasInTheWay } from "./trouble.ts";

/** How often rows are looked for anew that a person moved between our look and our request. */
const mostLooks = 5;

/** Google may carry out a request so long after it began, per https://developers.google.com/workspace/sheets/api/limits (read 2026-11). */
const lateMs = 180_000;

const progress = z.object({ lookedAt: z.number() });

/**
 * Takes every row of a lead out of the spreadsheet. When its append may still be under way at Google and no row is there, it
 * is looked for once more later.
 */
export async function eraseLead(sheet: Sheet, copy: RemoteCopy, context: DeliveryContext): Promise<Outcome> {
  const answer = await eraseTogether(sheet, copy.leadId);
  if (!answer.ok) return forAPerson(answer.trouble);
  const { found = false, left = 0 } = answer.value.get(copy.leadId) ?? {};
  if (left > 0) return byHand(`its id is in ${left} more cells of the spreadsheet; find it there and delete the rows`);
  if (found || !copy.uncertain) return { type: "delivered" };
  const now = context.now();
  const earlier = progress.safeParse(context.progress);
  if (!earlier.success) await context.save({ lookedAt: now });
  const waitMs = (earlier.success ? earlier.data.lookedAt : now) + lateMs - now;
  if (waitMs <= 0) return { type: "delivered" };
  const reason = { code: "look_again", message: "its row is not there yet, and may still come; looked for again" };
  return { type: "retry", reason, waitMs };
}

/** A look reads whole columns, so erasures that are asked for in one moment share it. */
function eraseTogether(sheet: Sheet, id: LeadId): Promise<Answer<Erasures>> {
  const { memory } = sheet;
  if (memory.erasing === null) {
    const ids = new Set<LeadId>();
    const result = Promise.resolve().then(() => {
      memory.erasing = null;
      return eraseRows(sheet, ids);
    });
    memory.erasing = { ids, result };
  }
  memory.erasing.ids.add(id);
  return memory.erasing.result;
}

async function eraseRows(sheet: Sheet, ids: ReadonlySet<LeadId>): Promise<Answer<Erasures>> {
  const found = new Set<LeadId>();
  for (let looks = 1; ; looks += 1) {
    const places = await locateRows(sheet, ids);
    if (!places.ok) return places;
    if (places.value.length === 0) break;
    if (looks > mostLooks) return { ok: false, trouble: keepsMoving };
    for (const { leadId } of places.value) found.add(leadId);
    const removed = await update(sheet, requestsFor(places.value));
    if (!removed.ok && !wasInTheWay(removed.trouble)) return removed;
  }
  const all = [...ids];
  // A consent that was being changed just then may have left its mark in somebody else's row.
  const left = await update(sheet, [...all.map(count), ...all.flatMap(putBackAll)]);
  if (!left.ok) return left;
  return { ok: true, value: new Map(all.map((id, i) => [id, { found: found.has(id), left: left.value[i] ?? 0 }])) };
}

/** From the bottom up, since rows below one that goes move. */
function requestsFor(places: readonly Place[]): object[] {
  const full = new Set(places.filter(({ atTheEnd }) => atTheEnd).map(({ tab }) => tab.sheetId));
  return [
    // Not all rows below a frozen header can be deleted: one has to be left.
    ...[...full].map((sheetId) => ({ appendDimension: { sheetId, dimension: "ROWS", length: 1 } })),
    ...places.toSorted((a, b) => b.row - a.row).flatMap(removeIfStillThere),
  ];
}

/**
 * Takes a row out if it is this lead's in the moment Google does it. A row with the same id is put above it for that moment;
 * "delete duplicates" (DeleteDuplicatesRequest, per
 * https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#deleteduplicatesrequest, read 2026-11)
 * of the two rows, compared by the id, keeps the first and takes the second if it says the same; then the first goes. Whatever
 * a person has put there meanwhile has another id, or none, and stays.
 */
function removeIfStillThere({ tab: { sheetId }, row, idColumn, text }: Place): object[] {
  const range = { sheetId, dimension: "ROWS", startIndex: row, endIndex: row + 1 };
  const start = { sheetId, rowIndex: row, columnIndex: idColumn };
  const comparisonColumns = [{ sheetId, dimension: "COLUMNS", startIndex: idColumn, endIndex: idColumn + 1 }];
  return [
    { insertDimension: { range, inheritFromBefore: false } },
    { updateCells: { start, rows: [textRow([text])], fields: "userEnteredValue" } },
    { deleteDuplicates: { range: { sheetId, startRowIndex: row, endRowIndex: row + 2 }, comparisonColumns } },
    { deleteDimension: { range } },
  ];
}

/** Replaces an id by itself, which tells in how many cells it is. */
function count(id: LeadId): object {
  return { findReplace: { find: id, replacement: id, matchEntireCell: true, allSheets: true } };
}
