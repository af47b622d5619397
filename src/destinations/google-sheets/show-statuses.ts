import type { StatusOfDelivery, StatusRecord } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { Answer } from "./api.ts";
import { columnKey, statusHeader, syncedHeader } from "./columns.ts";
import { failureRequests } from "./failed-integrations.ts";
import { openLayout } from "./layout.ts";
import { openMark, replaceMarked } from "./marks.ts";
import { knownTabs, type Layout, type Sheet, type Tab, update } from "./sheet.ts";

/** A cell that is to read otherwise: found by the mark of what it is about. */
type Change = { about: string; text: string; column: number | null };

/**
 * Shows in the sheet how leads fared elsewhere: `crm_synced`, a status for each destination, and the list of dead letters. One
 * request for all of them; a second one, over all tabs, only for cells that were not where they belong: a person has
 * moved the column or the row to another tab, or has written over the status, which then stays as it is.
 */
export async function showStatuses(sheet: Sheet, told: readonly StatusRecord[]): Promise<Outcome> {
  // An erased lead has no row any more, and is to get none among the dead letters.
  const records = told.filter(({ lead }) => lead.state !== "erased");
  const opened = await openLayout(sheet);
  if (!opened.ok) return opened.trouble;
  const tabs = await knownTabs(sheet);
  if (!tabs.ok) return tabs.trouble;
  const { layout } = opened.value;
  const tab = tabs.value.find(({ title }) => title === layout.title);
  const changes = records.flatMap((record) => changesOf(record, sheet, layout));
  const failures = await failureRequests(sheet, records, tabs.value);
  if (!failures.ok) return failures.trouble;
  const requests = [...changes.map((change) => replaceIn(change, tab)), ...failures.value];
  const replaced = await applied(sheet, requests);
  if (!replaced.ok) return replaced.trouble;
  const elsewhere = changes.filter((_, i) => replaced.value[i] === 0);
  const rest = await applied(
    sheet,
    elsewhere.map((change) => replaceIn(change, undefined)),
  );
  return rest.ok ? { type: "delivered" } : rest.trouble;
}

async function applied(sheet: Sheet, requests: readonly object[]): Promise<Answer<number[]>> {
  return requests.length === 0 ? { ok: true, value: [] } : update(sheet, requests);
}

function changesOf(record: StatusRecord, { options, others }: Sheet, { header }: Layout): Change[] {
  const { lead, deliveries } = record;
  const keys = header.map(columnKey);
  const columnOf = (name: string): number | null => {
    const column = keys.indexOf(columnKey(name));
    return column < 0 ? null : column;
  };
  const statuses = others.map((id): Change => {
    const delivery = deliveries.find(({ destination }) => destination === id);
    const about = `${lead.id} ${id}`;
    return { about, text: statusText(delivery, about), column: columnOf(statusHeader(id)) };
  });
  const synced = isSynced(deliveries, options.crm) ? "yes" : openMark("no", lead.id);
  return [{ about: lead.id, text: synced, column: columnOf(syncedHeader) }, ...statuses];
}

/** What has arrived for good carries no mark: nothing is going to change it. */
function statusText(delivery: StatusOfDelivery | undefined, about: string): string {
  if (delivery?.state === "delivered") return "delivered";
  return openMark(delivery ? words(delivery) : "not sent", about);
}

function words({ state, attempts }: StatusOfDelivery): string {
  if (state === "dead") return "failed";
  if (state === "withheld" || state === "cancelled") return state;
  return attempts > 0 ? "retrying" : "not yet";
}

/** True when all that were meant to have the lead have it; what was cancelled is not meant any more. */
function isSynced(deliveries: readonly StatusOfDelivery[], crm: readonly string[] | undefined): boolean {
  const meant = deliveries.filter(
    ({ destination, state }) => state !== "cancelled" && (crm?.includes(destination) ?? true),
  );
  return meant.length > 0 && meant.every(({ state }) => state === "delivered");
}

/** In its column of a tab, below the header; anywhere when the tab is not known or has no such column. */
function replaceIn({ about, text, column }: Change, tab: Tab | undefined): object {
  const range = {
    sheetId: tab?.sheetId,
    startRowIndex: 1,
    startColumnIndex: column,
    endColumnIndex: (column ?? 0) + 1,
  };
  const where = tab === undefined || column === null ? { allSheets: true } : { range };
  return replaceMarked(about, text, where);
}
