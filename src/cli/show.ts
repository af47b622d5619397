import type { LeadRecord } from "../ledger/ledger.ts";
import { recordJson } from "../ledger/record-json.ts";
import type { Attempt, Delivery } from "../model/delivery.ts";
import { isLeadId } from "../model/id.ts";
import type { Lead } from "../model/lead.ts";
import { duration, jsonText, localTime, plain, print, printAside } from "./output.ts";
import { withLedger } from "./with-ledger.ts";

/** `leadkeep show <lead>`: everything about one lead and the timeline of its deliveries. */
export function showLead(id: string, json: boolean): Promise<number> {
  return withLedger(async (ledger, options) => {
    const record = isLeadId(id) ? await ledger.findLead(id) : null;
    if (!record) {
      printAside(`There is no lead ${plain(id)}. List them with: leadkeep leads`);
      return 1;
    }
    if (json) {
      print(jsonText(recordJson(record), 2));
    } else {
      const configured = new Set(options.destinations.map((destination) => destination.id));
      for (const line of describe(record, configured, Date.now())) print(line);
    }
    return 0;
  });
}

function describe({ lead, deliveries }: LeadRecord, configured: ReadonlySet<string>, now: number): string[] {
  return [
    `${lead.id}  (${lead.state})`,
    `  received   ${localTime(lead.receivedAt)} through ${plain(lead.formName)}`,
    ...facts(lead).map(([label, value]) => `  ${label.padEnd(10)} ${plain(value)}`),
    ...screened(lead),
    "",
    "Consent",
    ...(lead.consents.length === 0 ? ["  none on record"] : []),
    ...lead.consents.map(({ purpose, action, at, text }) => {
      const wording = text === null ? "" : `: “${plain(text)}”`;
      return `  ${localTime(at)}  ${plain(purpose)} ${action}${wording}`;
    }),
    "",
    "Deliveries",
    ...(deliveries.length === 0 ? ["  none: no destination was configured when it came"] : []),
    ...deliveries.flatMap((delivery) => timeline(delivery, configured.has(delivery.destination), now)),
  ];
}

/** What the screens for spam found; nothing of most leads. */
function screened({ screening }: Lead): string[] {
  if (!screening) return [];
  const { score, reasons, awaiting } = screening;
  const wait = awaiting === undefined ? [] : [`  waits for the verdict of ${plain(awaiting)}`];
  const lines = reasons.map(({ points, message }) => `  ${`+${points}`.padStart(4)}  ${plain(message)}`);
  return ["", `Signs of spam: ${score} points`, ...lines, ...wait];
}

function facts(lead: Lead): [string, string][] {
  const { url, referrer, parameters } = lead.attribution;
  const all: [string, string | null][] = [
    ["name", lead.name],
    ["e-mail", lead.email],
    ["phone", lead.phone],
    ["company", lead.company],
    ["message", lead.message],
    ["time zone", lead.timezone],
    ["page", url],
    ["referrer", referrer],
    ...Object.entries(parameters),
  ];
  return all.filter((fact): fact is [string, string] => fact[1] !== null);
}

function timeline(delivery: Delivery & { history: Attempt[] }, configured: boolean, now: number): string[] {
  const { id, destination, state, reason, dueAt, ref, warnings, history } = delivery;
  const lines = [`  ${destination}: ${state}${ref === null ? "" : `, there as ${plain(ref)}`}  (${id})`];
  for (const { n, startedAt, durationMs, outcome, reason: why } of history) {
    const took = durationMs === null ? "" : ` after ${duration(durationMs)}`;
    lines.push(
      `    ${localTime(startedAt)}  attempt ${n}: ${outcome ?? "under way"}${took}${why ? `, ${plain(why.message)}` : ""}`,
    );
  }
  for (const warning of warnings) lines.push(`    warning: ${plain(warning)}`);
  if (state === "pending" && dueAt !== null) {
    lines.push(`    next attempt ${dueAt <= now ? "now" : `in ${duration(dueAt - now)}`}`);
    if (!configured) lines.push("    but this destination is not configured any more: configure it to send the lead");
  }
  if (reason && state !== "pending" && state !== "delivered") lines.push(`    because ${plain(reason.message)}`);
  return lines;
}
