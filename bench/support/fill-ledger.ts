import { DatabaseSync, type StatementSync } from "node:sqlite";
import { v7 as uuidv7 } from "uuid";
import { toDocument } from "../../src/ledger/lead-document.ts";
import { preparePlans } from "../../src/ledger/sqlite/plans.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { prepareTallies, type Tallies } from "../../src/ledger/sqlite/tallies.ts";
import { sourceOf } from "../../src/ledger/tally-keys.ts";
import type { DeliveryState } from "../../src/model/delivery.ts";
import type { Lead } from "../../src/model/lead.ts";
import { submission } from "./a-submission.ts";

/** How the ledger is to be filled. */
export type FillOptions = {
  /** When the newest lead was kept. Epoch milliseconds. */
  now: number;
  /** How far back the oldest lies. @default 90 days */
  spanMs?: number;
};

/** Where every lead of such a ledger goes. */
export const filledDestinations = [
  { destination: "hubspot", kind: "hubspot", purpose: "enquiry" },
  { destination: "mail-team", kind: "mail-team", purpose: "enquiry" },
  { destination: "sheets", kind: "google-sheets", purpose: "enquiry" },
] as const;
const forms = ["contact", "quote", "callback", "newsletter"];
const sources = ["google", "bing", "facebook", "newsletter", "partner", ""];
const assignees = ["ada@example.com", "grace@example.com", "mary@example.com"];
const campaigns = ["autumn", "spring", "brand", "retargeting"];

/**
 * Makes a ledger of `n` leads with three deliveries each, as a busy season leaves it: nearly all delivered, some after a
 * retry, a few dead, withheld, cancelled or waiting; people have worked on every tenth. Written past the commit queue, in one
 * transaction without the indexes, and with the tallies such a ledger would have. The same `n` gives the same leads but for their
 * ids.
 */
export async function fillLedger(
  path: string,
  n: number,
  { now, spanMs = 90 * 86_400_000 }: FillOptions,
): Promise<void> {
  await openSqliteLedger({ path }).close();
  const db = new DatabaseSync(path);
  // By way of DELETE: SQLite does not go from WAL to OFF directly.
  db.exec("PRAGMA journal_mode = DELETE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
  const indexes = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").all();
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  const rows = prepareRows(db);
  for (let i = 0; i < n; i++) {
    writeLead(rows, aBenchLead(i, Math.floor(now - (spanMs * (n - i)) / n)), i);
    if (i % 10_000 === 0) rows.tallies.write();
  }
  rows.tallies.write();
  for (const { destination } of filledDestinations) rows.plans.take(destination, n);
  for (const { sql } of indexes) db.exec(String(sql));
  db.exec("COMMIT; PRAGMA journal_mode = WAL");
  db.close();
}

type Rows = {
  plans: ReturnType<typeof preparePlans>;
  tallies: Tallies;
  lead: StatementSync;
  delivery: StatementSync;
  attempt: StatementSync;
  work: StatementSync;
};

function prepareRows(db: DatabaseSync): Rows {
  return {
    plans: preparePlans(db),
    tallies: prepareTallies(db),
    lead: db.prepare(
      "INSERT INTO leads (seq, id, form, state, received_at, person, plan, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    delivery: db.prepare(
      `INSERT INTO deliveries (lead_id, destination, kind, purpose, state, retry, due_at, tries, attempts, first_try_at,
         person, reason_code, reason_message, reason_status, ref)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    attempt: db.prepare(
      `INSERT INTO attempts (lead_id, destination, n, started_at, basis, duration_ms, outcome, reason_code, reason_message,
         status)
       VALUES (?, ?, ?, ?, 'consent', ?, ?, ?, ?, ?)`,
    ),
    work: db.prepare("INSERT INTO lead_work (lead_id, stage, assignee, at) VALUES (?, ?, ?, ?)"),
  };
}

/** The lead with this number; the same for the same number but for its id. */
export function aBenchLead(i: number, receivedAt: number): Lead {
  const email = `visitor${i}@example.com`;
  const phone = `+442079460${String(i % 1_000).padStart(3, "0")}`;
  const form = pick(forms, i, 1);
  const source = pick(sources, i, 2);
  const campaign = { utm_source: source, utm_medium: "cpc", utm_campaign: pick(campaigns, i, 3) };
  const { message, company, timezone } = submission;
  const id = `lead_${uuidv7({ msecs: receivedAt })}` as const;
  return {
    id,
    state: dice(i, 4) < 0.005 ? "quarantined" : "active",
    form,
    formName: form,
    receivedAt,
    email,
    phone,
    name: `Visitor ${i}`,
    firstName: "Visitor",
    lastName: String(i),
    company,
    message: `${message}Reference ${i}.`,
    timezone,
    formData: { ...submission, name: `Visitor ${i}`, email, phone, message: `${message}Reference ${i}.` },
    attribution: {
      url: submission.page_url,
      referrer: submission.referrer,
      parameters: source === "" ? {} : campaign,
      from: "fields",
    },
    ipAddress: null,
    userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    person: `person_${i}`,
    consents: [
      {
        purpose: "enquiry",
        action: "granted",
        text: submission._consent_text,
        version: null,
        at: receivedAt,
        source: "form",
        control: "consent",
        pageUrl: submission.page_url,
      },
    ],
  };
}

function writeLead({ plans, tallies, ...rows }: Rows, lead: Lead, i: number): void {
  const { id, form, state, receivedAt, person } = lead;
  const held = state === "quarantined";
  rows.lead.run(i + 1, id, form, state, receivedAt, person, plans.idOf(filledDestinations), toDocument(lead));
  tallies.accepted({ ...lead, source: sourceOf(lead.attribution.parameters.utm_source) }, i + 1);
  const worked = dice(i, 5);
  if (worked < 0.1) rows.work.run(id, worked < 0.04 ? "working" : "done", pick(assignees, i, 6), receivedAt);
  for (const [d, { destination, kind, purpose }] of filledDestinations.entries()) {
    const end = held ? "withheld" : endOf(dice(i, 10 + d));
    const outcomes = attemptsFor(end, dice(i, 20 + d));
    let startedAt = receivedAt + 5;
    for (const [n, outcome] of outcomes.entries()) {
      const durationMs = 40 + Math.floor(dice(i, 30 + d) * 400);
      const why = outcome === "delivered" ? [null, null, 201] : outcome === "retry" ? busy : invalid;
      rows.attempt.run(id, destination, n + 1, startedAt, durationMs, outcome, ...why);
      tallies.settled({ leadId: id, destination, outcome, startedAt, durationMs });
      startedAt += 5_500;
    }
    const tries = outcomes.length;
    const dueAt = end === "pending" ? receivedAt + 30 * 86_400_000 : null;
    const first = tries > 0 ? receivedAt + 5 : null;
    const ref = end === "delivered" ? `${destination}-${i}` : null;
    const begun = [id, destination, kind, purpose, end, end === "pending" ? 1 : 0, dueAt, tries, tries, first, person];
    rows.delivery.run(...begun, ...(held ? spam : reasons[end]), ref);
  }
}

type Why = [string | null, string | null, number | null];
const busy: Why = ["server_error", "answered 503", 503];
const invalid: Why = ["rejected", "answered 422", 422];
const spam: Why = ["quarantined", "the lead is held back as suspected spam", null];
const reasons: Record<End, Why> = {
  delivered: [null, null, null],
  pending: busy,
  dead: invalid,
  withheld: ["no_consent", 'no consent for "enquiry" on record', null],
  cancelled: ["cancelled_by_hand", "stopped by a person", null],
};

type End = Exclude<DeliveryState, "claimed">;

function endOf(chance: number): End {
  if (chance < 0.005) return "dead";
  if (chance < 0.025) return "withheld";
  if (chance < 0.027) return "cancelled";
  return chance < 0.028 ? "pending" : "delivered";
}

function attemptsFor(end: End, chance: number): ("delivered" | "retry" | "rejected")[] {
  if (end === "dead") return ["rejected"];
  if (end === "pending") return ["retry"];
  if (end !== "delivered") return [];
  return chance < 0.05 ? ["retry", "delivered"] : ["delivered"];
}

/** From 0 up to 1; the same for the same lead and salt. */
function dice(i: number, salt: number): number {
  let x = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(salt, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

function pick(values: readonly string[], i: number, salt: number): string {
  return values[Math.floor(dice(i, salt) * values.length)] ?? "";
}

if (import.meta.main) {
  const [path, count] = process.argv.slice(2);
  const n = Number(count);
  if (!path || !Number.isInteger(n) || n < 1) {
    console.error("usage: node bench/support/fill-ledger.ts <path> <leads>");
    process.exit(2);
  }
  const began = performance.now();
  await fillLedger(path, n, { now: Date.now() });
  console.log(`${n} leads in ${Math.round((performance.now() - began) / 1_000)} s`);
}
