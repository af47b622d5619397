import { googleSheets } from "../../src/destinations/index.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { FollowUpEvent } from "../../src/model/delivery.ts";
import type {
  BatchEntry,
  DeliveryContext,
  Destination,
  FetchInit,
  StatusOfDelivery,
  StatusRecord,
  ToolContext,
} from "../../src/model/destination.ts";
import { deliveryIdOf, followUpTag } from "../../src/model/id.ts";
import type { Json } from "../../src/model/json.ts";
import type { Lead } from "../../src/model/lead.ts";
import { NetworkError } from "../../src/model/network-error.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { defaultSchedule } from "../../src/model/schedule.ts";
import { openVendor } from "../../src/sandbox/open-vendor.ts";
import type { Vendor, VendorRequest } from "../../src/sandbox/vendor.ts";
import { serviceAccount } from "../../src/sandbox/vendors/google-sheets/account.ts";
import { sheets } from "../../src/sandbox/vendors/google-sheets/google-sheets.ts";
import type { Hands } from "../../src/sandbox/vendors/google-sheets/hands.ts";
import { aMoment } from "./a-lead.ts";
import { noLinks } from "./no-links.ts";

/** What becomes of one request: lost on the way there or back, answered with an error, or the process dies around it. */
export type Mishap = "lost" | "lost after" | "503" | "503 after" | "429" | "garbage" | "crash" | "crash after";

/** Thrown out of a delivery when the process is to have died. */
export class Crash extends Error {}

type SheetOptions = Omit<Parameters<typeof googleSheets>[0], "spreadsheet" | "privateKey">;
type SheetsVendor = Vendor<Record<string, unknown>, Hands & { revokeTokens(): void }>;

/** The Sheets destination before a spreadsheet in memory, without a network: every request can be watched and spoilt. */
export type TestSheet = {
  vendor: SheetsVendor;
  person: Hands;
  destination: Destination;
  /** Every request made, as `METHOD /path`. */
  calls: string[];
  /** Asked before each request; may act as a person, and says what goes wrong. */
  before(act: (call: string) => Mishap | null | undefined): void;
  /** Lets time pass. */
  pass(ms: number): void;
  /** Forgets all a process knows, as a restart does. */
  restart(): void;
  deliver(leads: readonly Lead[], uncertain?: ReadonlySet<Lead>): Promise<Outcome[]>;
  sync(records: readonly StatusRecord[]): Promise<Outcome>;
  /** Tells it of an erasure; `uncertain`: the lead may have arrived unseen. */
  erase(lead: Lead, uncertain?: boolean): Promise<Outcome>;
  withdraw(lead: Lead, purpose?: string): Promise<Outcome>;
  grant(lead: Lead, purpose?: string): Promise<Outcome>;
  tools: ToolContext;
};

const origin = "http://sheets.test";

export function aSheet({ others = [], ...options }: SheetOptions & { others?: readonly string[] } = {}): TestSheet {
  let time = aMoment;
  let act: (call: string) => Mishap | null | undefined = () => null;
  const now = (): number => time;
  const opened = openVendor(sheets, { origin, random: () => 0, now });
  const vendor = opened as unknown as SheetsVendor;
  vendor.settings.limits = false;
  const calls: string[] = [];
  const saved = new Map<string, Json>();
  let destination = configured();

  function configured(): Destination {
    const { email, privateKey } = serviceAccount();
    const spec = googleSheets({
      spreadsheet: String(vendor.settings.spreadsheetId),
      email,
      privateKey,
      baseUrl: vendor.url,
      tokenUrl: `${vendor.url}/token`,
      ...options,
    });
    const made = configureDestination("sheets", spec, { schedule: defaultSchedule }, others);
    if (!made.destination) throw new Error(JSON.stringify(made.problems));
    return made.destination;
  }

  async function fetch(url: string | URL, init: FetchInit = {}): Promise<Response> {
    const request = requestOf(String(url), init);
    const call = `${request.method} ${decodeURIComponent(request.path.split("?")[0] ?? "").replace("/sheets", "")}`;
    calls.push(call);
    const mishap = act(call);
    if (mishap === "crash") throw new Crash();
    if (mishap === "lost") throw new NetworkError("econnreset", "connection reset", true);
    if (mishap === "503") return new Response("", { status: 503 });
    if (mishap === "429")
      return new Response(JSON.stringify({ error: { message: "Quota exceeded" } }), { status: 429 });
    const wire = opened.receive(request);
    if (wire.type !== "answer") throw new NetworkError("econnreset", "connection reset", true);
    if (mishap === "crash after") throw new Crash();
    if (mishap === "lost after") throw new NetworkError("econnreset", "connection reset", true);
    if (mishap === "503 after") return new Response("", { status: 503 });
    if (mishap === "garbage") return new Response("{", { status: 200 });
    const { status, headers, body } = wire.answer;
    return new Response(body as string, { status, headers: headers ?? {} });
  }

  function entryOf(lead: Lead, uncertain: boolean): BatchEntry {
    const deliveryId = deliveryIdOf(lead.id, "sheets");
    const { signal } = new AbortController();
    const known = {
      deliveryId,
      event: "lead.created",
      purpose: "enquiry",
      links: noLinks,
      attempt: 1,
      superseded: false,
      uncertain,
      progress: null,
    } as const;
    return { lead, context: { ...known, signal, fetch, now, correctPace() {}, save: async () => {} } };
  }

  /** What a follow-up is told with; its progress outlives the process, as the ledger has it. */
  function followUp(lead: Lead, event: FollowUpEvent): DeliveryContext {
    const deliveryId = deliveryIdOf(lead.id, "sheets", followUpTag(event, 1));
    const save = async (progress: Json): Promise<void> => void saved.set(deliveryId, progress);
    return { ...entryOf(lead, false).context, deliveryId, event, progress: saved.get(deliveryId) ?? null, save };
  }

  return {
    vendor,
    get person() {
      return vendor.own;
    },
    get destination() {
      return destination;
    },
    calls,
    before(next) {
      act = next;
    },
    pass(ms) {
      time += ms;
    },
    restart() {
      destination = configured();
    },
    async deliver(leads, uncertain = new Set()) {
      const batch = leads.map((lead) => entryOf(lead, uncertain.has(lead)));
      const outcomes = await destination.deliver(batch);
      return batch.map(({ context }) => outcomes.get(context.deliveryId) ?? never(context.deliveryId));
    },
    async sync(records) {
      const context = { fetch, now, signal: new AbortController().signal, correctPace() {} };
      return (await destination.sync?.(records, context)) ?? never("sync");
    },
    async erase(lead, uncertain = false) {
      const { id: leadId, receivedAt } = lead;
      const copy = {
        leadId,
        createdBy: deliveryIdOf(leadId, "sheets"),
        ref: null,
        progress: null,
        uncertain,
        receivedAt,
      };
      return (await destination.erase?.(copy, followUp(lead, "lead.erased"))) ?? never("erase");
    },
    async withdraw(lead, purpose = "enquiry") {
      const context = followUp(lead, "consent.withdrawn");
      return (await destination.withdraw?.({ lead, purpose, ref: null }, context)) ?? never("withdraw");
    },
    async grant(lead, purpose = "enquiry") {
      const context = followUp(lead, "consent.granted");
      return (await destination.grant?.({ lead, purpose, ref: null }, context)) ?? never("grant");
    },
    tools: { fetch, now, signal: new AbortController().signal },
  };
}

/** How a lead fared at one destination. */
export function aStatus(lead: Lead, destination: string, given: Partial<StatusOfDelivery> = {}): StatusOfDelivery {
  return {
    id: deliveryIdOf(lead.id, destination),
    destination,
    kind: destination,
    state: "delivered",
    attempts: 1,
    reason: null,
    ref: null,
    lastAttemptAt: aMoment,
    nextAttemptAt: null,
    ...given,
  };
}

/** The rows of a tab by column: `[{ lead_id: "lead_…", email: "…" }]`, the header left out. */
export function rowsByColumn(hands: Hands, title = "Leads"): Record<string, string>[] {
  const [header = [], ...rows] = hands.rows(title);
  return rows.map((cells) => Object.fromEntries(header.map((name, column) => [name, cells[column] ?? ""])));
}

function requestOf(url: string, { method = "GET", headers = {}, body }: FetchInit): VendorRequest {
  const { pathname, search, searchParams } = new URL(url);
  const text = typeof body === "string" ? body : "";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const sent = Object.fromEntries(new Headers(headers as Record<string, string>));
  return { method, path: pathname + search, query: searchParams, headers: sent, body: text, json, bytes: text.length };
}

function never(what: string): never {
  throw new Error(`no verdict: ${what}`);
}
