import type { Ledger } from "../src/ledger/ledger.ts";
import { noAttribution } from "../src/model/attribution.ts";
import type { Destination } from "../src/model/destination.ts";
import type { LeadId } from "../src/model/id.ts";
import { newLeadId } from "../src/model/id.ts";
import type { Lead } from "../src/model/lead.ts";
import type { Outcome } from "../src/model/outcome.ts";
import type { Verdict, VerdictTally } from "../src/model/verdict.ts";

const hourMs = 3_600_000;
const forms = [
  { id: "quote", name: "Quote request", share: 0.55 },
  { id: "contact", name: "Contact", share: 0.3 },
  { id: "brochure", name: "Brochure", share: 0.15 },
];
const sources = ["google", "google", "google", "newsletter", "linkedin", "fair", "", ""];
/** Nobody living. */
const names = [
  "Ada Lovelace",
  "Grace Hopper",
  "Alan Turing",
  "Katherine Johnson",
  "Edsger Dijkstra",
  "Mary Somerville",
  "Sophie Germain",
  "Charles Babbage",
  "Hedy Lamarr",
  "Emmy Noether",
];
const messages = [
  "We have a south-facing roof of about 60 m² and would like to know what a battery adds to the price. Could someone call after five?",
  "I need a quote for a heat pump in a terraced house from 1974.",
  "Please send me the brochure you mentioned at the fair.",
  "Is it possible to install the car charger on a rented parking space?",
  "Kann man die Anlage später erweitern? Wir planen in zwei Jahren ein Elektroauto.",
  "How long is the waiting time for an installation at the moment?",
];

/** The wording beside the consent box of the pictures' forms. */
export const consentText =
  "Northlight Solar may use my details to answer this enquiry, and passes them to its partners for that purpose.";

/** What a visitor of the pictures sends; the same number gives the same visitor. */
export function aVisitor(n: number): Record<string, unknown> {
  const draw = drawing(n);
  const name = pick(names, draw());
  const source = pick(sources, draw());
  return {
    name,
    email: `${name.toLowerCase().replace(" ", ".")}${n}@example.com`,
    phone: `+44207946${String(n % 1000).padStart(4, "0")}`,
    message: pick(messages, draw()),
    roof_m2: String(30 + Math.floor(draw() * 90)),
    interests: draw() < 0.5 ? ["Solar panels", "Battery"] : ["Heat pump"],
    consent: "on",
    _consent_text: consentText,
    page_url: source
      ? `https://northlight.example/offer?utm_source=${source}&utm_medium=cpc&utm_campaign=autumn`
      : "https://northlight.example/contact",
  };
}

/** Leads of the last weeks with a delivery each to every destination, written as if they had come and gone at their time. */
export async function writeHistory(ledger: Ledger, destinations: readonly Destination[], now: number): Promise<void> {
  const draw = drawing(42);
  for (let at = now - 30 * 24 * hourMs; at < now - hourMs; at += hourMs) {
    const hour = new Date(at).getUTCHours();
    const weekend = [0, 6].includes(new Date(at).getUTCDay());
    const busy = hour > 6 && hour < 21 ? (weekend ? 1.1 : 2) : 0.55;
    const many = Math.floor(draw() * busy + draw() * busy);
    for (let n = 0; n < many; n++) await writeOne(ledger, destinations, pastLead(at + (n * hourMs) / many, draw), draw);
  }
}

function pastLead(at: number, draw: () => number): Lead {
  const { name, email, phone, message, page_url: url } = aVisitor(Math.floor(draw() * 900));
  const form = formFor(draw());
  const parameters = Object.fromEntries(new URL(String(url)).searchParams);
  return {
    id: newLeadId(at),
    state: "active",
    form: form.id,
    formName: form.name,
    receivedAt: at,
    email: String(email),
    phone: String(phone),
    name: String(name),
    firstName: String(name).split(" ")[0] ?? null,
    lastName: String(name).split(" ")[1] ?? null,
    company: null,
    message: String(message),
    timezone: "Europe/London",
    formData: { name: String(name), email: String(email), phone: String(phone), message: String(message) },
    attribution: { ...noAttribution, url: String(url), parameters, from: "fields" },
    ipAddress: null,
    userAgent: null,
    person: null,
    consents: [
      {
        purpose: "enquiry",
        action: "granted",
        text: consentText,
        version: "2026-10",
        at,
        source: "form",
        control: "consent",
        pageUrl: String(url),
      },
    ],
  };
}

async function writeOne(
  ledger: Ledger,
  destinations: readonly Destination[],
  lead: Lead,
  draw: () => number,
): Promise<void> {
  const deliveries = destinations.map(({ id, kind, need }) => ({
    destination: id,
    kind,
    purpose: need.purpose,
    state: "pending" as const,
    reason: null,
  }));
  await ledger.accept({ lead, deliveries, key: null });
  for (const { id: destination } of destinations) {
    const now = lead.receivedAt + 40;
    const gate = () => ({ type: "open", basis: "consent" }) as const;
    const claims = await ledger.claim({
      destination,
      limit: 1,
      now,
      leaseUntil: now + 60_000,
      worker: "pictures",
      gate,
    });
    for (const { delivery } of claims) {
      const outcome: Outcome = { type: "delivered", status: 201 };
      await ledger.settle({
        deliveryId: delivery.id,
        n: delivery.attempts,
        durationMs: Math.round(120 + draw() * draw() * 4_000),
        outcome,
        next: { state: "delivered", ref: String(4_000 + Math.floor(draw() * 5_000)), warnings: [] },
      });
    }
  }
}

function formFor(drawn: number) {
  let left = drawn;
  for (const form of forms) {
    left -= form.share;
    if (left < 0) return form;
  }
  return forms[0] as (typeof forms)[number];
}

function pick<T>(list: readonly T[], drawn: number): T {
  return list[Math.floor(drawn * list.length)] as T;
}

/** The same numbers every time (mulberry32), so that pictures differ only where the pages do. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A look last night at everything, which found two leads gone from the first destination that can be asked. Resolves to its id. */
export async function writeVerification(
  ledger: Ledger,
  destinations: readonly Destination[],
  now: number,
): Promise<string> {
  const run = "vrf_0f0c6f0e-6c0e-4c3e-9a63-2f1f3d7a91c2" as const;
  const at = now - 9 * hourMs;
  const asked = destinations.find(({ readBack }) => readBack)?.id ?? "";
  const gone: LeadId[] = [];
  for await (const { lead, deliveries } of ledger.listLeads({ destination: asked, deliveryState: "delivered" })) {
    if (lead.receivedAt < at && deliveries.some(({ destination, attempts }) => destination === asked && attempts === 1))
      gone.push(lead.id);
    if (gone.length === 2) break;
  }
  const counts = await ledger.counts();
  const tallies = destinations.flatMap(({ id, readBack }): VerdictTally[] => {
    const own = counts.find(({ destination }) => destination === id)?.counts ?? {};
    const missing = id === asked ? gone.length : 0;
    const tally = (verdict: Verdict, count: number, code: string | null = null): VerdictTally[] =>
      count > 0 ? [{ destination: id, verdict, code, count }] : [];
    return [
      ...tally(readBack ? "seen" : "believed", (own.delivered ?? 0) - missing),
      ...tally("missing", missing),
      ...tally("withheld", own.withheld ?? 0, "no_consent"),
      ...tally("dead", own.dead ?? 0, "rejected"),
    ];
  });
  const leads = Math.max(...counts.map(({ counts: { delivered = 0, withheld = 0 } }) => delivered + withheld));
  const dead = tallies.filter(({ verdict }) => verdict === "dead").reduce((sum, { count }) => sum + count, 0);
  await ledger.verifications.save({
    id: run,
    destination: null,
    since: null,
    until: at,
    repair: false,
    state: "complete",
    by: { type: "machine", name: "nightly verification" },
    startedAt: at,
    endedAt: at + 41_000,
    reached: null,
    counts: { expected: leads, leads, accounted: leads - dead - gone.length, repaired: 0, tallies },
  });
  const missing = gone.map((leadId) => ({ leadId, attempts: 1 }));
  await ledger.verifications.note({ run, destination: asked, at, missing, seen: [] });
  return run;
}
