import type { StatusOfDelivery, StatusRecord } from "../../model/destination.ts";
import type { Answer } from "./api.ts";
import { readColumn } from "./find-ids.ts";
import { openMark, replaceMarked } from "./marks.ts";
import { forgetTabs, newTab, type Sheet, type Tab, textRow, update } from "./sheet.ts";
import { notSent, tabMissing } from "./trouble.ts";

/** The columns of the list of dead letters. No personal data: the lead is named by its id. */
export const failedHeaders = ["id", "type", "lead_id", "error", "attempts", "last_attempt", "next_retry"] as const;

/**
 * Requests that bring the list up to date: a row for each dead letter that has none, and what became of those replayed. A row
 * is named by its delivery and the attempt it died with, so that one which dies again after a replay gets a second row.
 */
export async function failureRequests(
  sheet: Sheet,
  records: readonly StatusRecord[],
  tabs: readonly Tab[],
): Promise<Answer<object[]>> {
  const all = records.flatMap(({ lead, deliveries }) => deliveries.map((delivery) => ({ leadId: lead.id, delivery })));
  const dead = all.filter(({ delivery }) => delivery.state === "dead");
  const alive = all.filter(({ delivery }) => mayHaveDied(delivery));
  const title = sheet.options.failedTab;
  let tab = tabs.find((one) => one.title === title);
  if (!tab && dead.length === 0) return { ok: true, value: [] };
  if (!tab) {
    const made = await makeTab(sheet, title, tabs);
    if (!made.ok) return made;
    tab = made.value;
  }
  const { sheetId } = tab;
  const listed = dead.length > 0 ? await readColumn(sheet, title, 0) : { ok: true as const, value: [] };
  if (!listed.ok) {
    // A person has renamed or deleted the list meanwhile.
    if (listed.trouble.reason.code === tabMissing) forgetTabs(sheet.memory);
    return listed;
  }
  const there = new Set(listed.value);
  const fresh = dead.filter(({ delivery }) => !there.has(rowId(delivery)));
  const replaced = [
    ...alive.map(({ delivery }) => replaceMarked(about(delivery), nextText(delivery), { sheetId })),
    ...fresh.map(({ delivery }) => replaceMarked(about(delivery), "failed again", { sheetId })),
  ];
  const rows = fresh.map(({ leadId, delivery }) => textRow(failedRow(leadId, delivery)));
  const added = rows.length > 0 ? [{ appendCells: { sheetId, rows, fields: "userEnteredValue" } }] : [];
  return { ok: true, value: [...replaced, ...added] };
}

async function makeTab(sheet: Sheet, title: string, tabs: readonly Tab[]): Promise<Answer<Tab>> {
  const requests = newTab(title, failedHeaders, tabs);
  const made = await update(sheet, requests.requests);
  return made.ok ? { ok: true, value: requests.tab } : { ok: false, trouble: notSent(made.trouble) };
}

function failedRow(leadId: string, delivery: StatusOfDelivery): string[] {
  const { kind, attempts, reason, lastAttemptAt } = delivery;
  const last = lastAttemptAt === null ? "" : timeText(lastAttemptAt);
  return [
    rowId(delivery),
    kind,
    leadId,
    reason?.message ?? "",
    String(attempts),
    last,
    openMark("dead", about(delivery)),
  ];
}

/** What arrived at the first attempt never died; what was never tried did not either. */
function mayHaveDied({ state, attempts }: StatusOfDelivery): boolean {
  return state !== "dead" && attempts > (state === "delivered" ? 1 : 0);
}

function rowId({ id, attempts }: StatusOfDelivery): string {
  return `${id}/${attempts}`;
}

function about({ id }: StatusOfDelivery): string {
  return `failed ${id}`;
}

/** What became of a dead letter that was replayed. */
function nextText(delivery: StatusOfDelivery): string {
  const { state, nextAttemptAt } = delivery;
  if (state === "delivered") return "delivered";
  return openMark(nextAttemptAt === null ? state : timeText(nextAttemptAt), about(delivery));
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
