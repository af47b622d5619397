import type { BatchEntry } from "../../model/destination.ts";
import { defineDestination } from "../../model/destination.ts";
import { appendLeads, plannedAppend } from "./append-rows.ts";
import { checkSheet } from "./check-sheet.ts";
import { eraseLead } from "./erase-rows.ts";
import { options } from "./options.ts";
import { readBackFromSheet } from "./read-back.ts";
import { setUpSteps } from "./set-up.ts";
import { openSheet } from "./sheet.ts";
import { showGrant, showWithdrawal } from "./show-consent.ts";
import { showStatuses } from "./show-statuses.ts";

/**
 * Keeps one row per lead in a Google Sheet that everyone on the team can read, sort and annotate.
 *
 * Pace: 60 writes and 60 reads a minute for each user, and a service account is one, per
 * https://developers.google.com/workspace/sheets/api/limits (read 2026-11). One writer, and up to 500 rows a call: a backlog of
 * 10 000 leads is twenty calls. There is no `find`: a look reads the whole id column, and so is made once for a whole batch.
 */
export const googleSheets = defineDestination({
  kind: "google-sheets",
  label: "Google Sheets",
  options,
  backup: true,
  concurrency: 1,
  batchSize: 500,
  pace: { limit: 60, intervalMs: 60_000 },
  syncBatchSize: 500,
  async deliverBatch(batch, options, { others }) {
    const [first] = batch as readonly [BatchEntry, ...BatchEntry[]];
    return appendLeads(openSheet(options, first.context, others), batch);
  },
  byHand: "Find the lead's id in the spreadsheet, and delete its rows or note the withdrawal there",
  grant: (notice, options, context) => showGrant(openSheet(options, context, []), notice),
  withdraw: (notice, options, context) => showWithdrawal(openSheet(options, context, []), notice),
  erase: (copy, options, context) => eraseLead(openSheet(options, context, []), copy, context),
  sync: (records, options, context, { others }) => showStatuses(openSheet(options, context, others), records),
  readBack: (deliveries, options, context) => readBackFromSheet(openSheet(options, context, []), deliveries),
  // The columns are read once for all of them; each brings its lead along, which takes memory.
  readBackSize: 20_000,
  readBackById: true,
  check: (options, context, { others }) => checkSheet(openSheet(options, context, others)),
  setup: (options, context, { others }) => setUpSteps(openSheet(options, context, others)),
  plan: (lead, options) => [plannedAppend(lead, options)],
  linkTo: (_tab, { spreadsheet }) => `https://docs.google.com/spreadsheets/d/${spreadsheet}/edit`,
});
