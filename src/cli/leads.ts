import type { LeadFilter, LeadRecord } from "../ledger/ledger.ts";
import { csvHeader, csvOf } from "../ledger/record-csv.ts";
import { recordJson } from "../ledger/record-json.ts";
import type { Delivery, DeliveryState } from "../model/delivery.ts";
import { jsonText, localTime, plain, print, printAside, table } from "./output.ts";
import { withLedger } from "./with-ledger.ts";

/** Rows a table shows when no limit is given; JSON shows all. */
const tableLimit = 50;

/** `leadkeep leads`: lists leads, newest first, as a table, one JSON array, or CSV. */
export function listLeads(filter: LeadFilter, as: "table" | "json" | "csv"): Promise<number> {
  return withLedger(async (ledger) => {
    if (as !== "table") {
      await (as === "json" ? printJsonArray : printCsv)(ledger.listLeads(filter));
      return 0;
    }
    const limit = filter.limit ?? tableLimit;
    const rows: string[][] = [];
    for await (const record of ledger.listLeads({ ...filter, limit: limit + 1 })) rows.push(rowOf(record));
    const more = rows.length > limit;
    if (rows.length === 0) print("No leads match.");
    else
      for (const line of table(
        [["received", "lead", "form", "person", "state", "deliveries"], ...rows.slice(0, limit)],
        90,
      ))
        print(line);
    if (more) printAside(`Only the newest ${limit} are shown; --limit shows more.`);
    return 0;
  });
}

/** Written record by record, so that a million leads need no more memory than ten. */
async function printJsonArray(records: AsyncIterable<LeadRecord>): Promise<void> {
  let separator = "[\n";
  for await (const record of records) {
    await write(separator + jsonText(recordJson(record)));
    separator = ",\n";
  }
  print(separator === "[\n" ? "[]" : "\n]");
}

/** A file gets what was typed, to the letter; a terminal would obey it. */
async function printCsv(records: AsyncIterable<LeadRecord>): Promise<void> {
  const shown = process.stdout.isTTY ? (line: string) => `${plain(line.trimEnd())}\n` : (line: string) => line;
  await write(shown(csvHeader));
  for await (const record of records) await write(shown(csvOf(record)));
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await new Promise((resolve) => process.stdout.once("drain", resolve));
}

function rowOf({ lead, deliveries }: LeadRecord): string[] {
  const person = lead.name ?? lead.email ?? lead.phone ?? "";
  return [localTime(lead.receivedAt), lead.id, lead.form, person, lead.state, deliveries.map(summary).join(" ") || "–"];
}

const marks: Record<DeliveryState, string> = {
  pending: "waiting",
  claimed: "sending",
  delivered: "ok",
  dead: "DEAD",
  withheld: "withheld",
  cancelled: "cancelled",
};

function summary({ destination, state }: Delivery): string {
  return `${destination}:${marks[state]}`;
}
