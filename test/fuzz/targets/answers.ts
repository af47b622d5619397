import * as fc from "fast-check";
import { attempt } from "../../../src/delivery/attempt.ts";
import type { GuardedFetch } from "../../../src/delivery/guarded-fetch.ts";
import { createReadBack } from "../../../src/delivery/read-back.ts";
import { googleSheets, hubspot, make, pipedrive, webhook, zapier } from "../../../src/destinations/index.ts";
import type { Claim } from "../../../src/ledger/ledger.ts";
import { configureDestination } from "../../../src/model/configured-destination.ts";
import type { Delivery, DeliveryEvent } from "../../../src/model/delivery.ts";
import type { Destination, DestinationSpec } from "../../../src/model/destination.ts";
import { deliveryIdOf } from "../../../src/model/id.ts";
import type { Json } from "../../../src/model/json.ts";
import type { Lead } from "../../../src/model/lead.ts";
import { NetworkError } from "../../../src/model/network-error.ts";
import { outcome as outcomeSchema } from "../../../src/model/outcome.ts";
import type { HttpAnswer, Wire } from "../../../src/sandbox/fault.ts";
import { openVendor } from "../../../src/sandbox/open-vendor.ts";
import type { VendorDefinition, VendorRequest } from "../../../src/sandbox/vendor.ts";
import { serviceAccount } from "../../../src/sandbox/vendors/google-sheets/account.ts";
import { vendorDefinitions } from "../../../src/sandbox/vendors/index.ts";
import { aConsent, aLead } from "../../support/a-lead.ts";
import { noLinks } from "../../support/no-links.ts";
import { mutatedBytes } from "../bytes.ts";
import { corpus } from "../corpus.ts";
import type { Target } from "../target.ts";
import { mutatedValue } from "../values.ts";

/** What becomes of one of the vendor's answers. */
type Twist =
  | { type: "itself" }
  | { type: "status"; status: number }
  | { type: "headers"; headers: [string, string][] }
  /** `seed` picks the changes to the vendor's own body. */
  | { type: "body"; bytes: Uint8Array }
  | { type: "json"; twist(body: unknown): unknown }
  | { type: "lost"; when: "before" | "after" };

type Input = { kind: Kind; event: DeliveryEvent | "read-back" | "check"; uncertain: boolean; twists: Twist[] };

const kinds = ["hubspot", "pipedrive", "sheets", "webhook", "zapier", "make"] as const;
type Kind = (typeof kinds)[number];
const token = "hUsHhUsH-token";
/** Typed by the visitor, and so not to be told in reasons. */
const typed = {
  email: "marked+person@example.com",
  phone: "+442079460018",
  name: "Marked Person",
  message: "marked message",
};
const origin = "http://vendor.test";
const events = ["lead.created", "consent.granted", "consent.withdrawn", "lead.erased", "read-back", "check"] as const;

/** Vendors whose answers are not what they should be, before every kind of destination and everything it is asked to do. */
export async function openAnswers(): Promise<Target<Input>> {
  let places = newPlaces();
  const figures: Record<string, number> = {};
  const count = (what: string): void => {
    figures[what] = (figures[what] ?? 0) + 1;
  };
  const bodies = corpus("answers");
  const texts = bodies.map((body) => Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
  const twist: fc.Arbitrary<Twist> = fc.oneof(
    { weight: 3, arbitrary: fc.constant<Twist>({ type: "itself" }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("status" as const), status: statuses }) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("headers" as const),
        headers: fc.array(fc.tuple(headerNames, headerValues), { minLength: 1, maxLength: 3 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("body" as const), bytes: mutatedBytes(texts) }) },
    { weight: 3, arbitrary: jsonTwist },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant("lost" as const),
        when: fc.constantFrom("before" as const, "after" as const),
      }),
    },
  );
  return {
    input: fc.record({
      kind: fc.constantFrom(...kinds),
      event: fc.constantFrom(...events),
      uncertain: fc.boolean(),
      twists: fc.array(twist, { minLength: 1, maxLength: 6 }),
    }),
    async check(input) {
      const place = places[input.kind];
      const told = await place.act(input);
      for (const one of told) count(one);
    },
    async settle() {
      places = newPlaces();
    },
    figures: () => figures,
    close: async () => {},
  };
}

const statuses = fc.oneof(
  fc.constantFrom(
    200,
    201,
    202,
    204,
    301,
    307,
    400,
    401,
    402,
    403,
    404,
    405,
    408,
    409,
    410,
    412,
    413,
    415,
    422,
    423,
    425,
    429,
    477,
  ),
  fc.constantFrom(500, 501, 502, 503, 504, 520, 521, 524),
  fc.integer({ min: 200, max: 599 }),
);
const headerNames = fc.constantFrom(
  "retry-after",
  "x-ratelimit-reset",
  "x-ratelimit-remaining",
  "x-daily-ratelimit-token-remaining",
  "x-hubspot-ratelimit-remaining",
  "content-type",
  "location",
);
const headerValues = fc.constantFrom(
  "0",
  "1",
  "-1",
  "1e999",
  "Infinity",
  "NaN",
  "soon",
  "",
  "99999999999",
  "text/html",
  "Sat, 13 Sep 275760 00:00:00 GMT",
);
/** Draws the changes once, so that the vendor's own body may be anything. */
const jsonTwist: fc.Arbitrary<Twist> = fc.integer().map((seed) => ({
  type: "json" as const,
  twist: (body: unknown) => fc.sample(mutatedValue([body]), { seed, numRuns: 1 })[0],
  toString: () => `json twisted by ${seed}`,
}));

type Place = { act(input: Input): Promise<string[]> };

function newPlaces(): Record<Kind, Place> {
  const key = { privateKey: serviceAccount().privateKey, email: serviceAccount().email };
  const at = (path: string): string => origin + path;
  return {
    hubspot: aPlace(vendorDefinitions.hubspot, ({ path }) =>
      hubspot({
        accessToken: token,
        baseUrl: at(path),
        formsBaseUrl: at(path),
        deal: { stage: "appointmentscheduled" },
        note: true,
      }),
    ),
    pipedrive: aPlace(vendorDefinitions.pipedrive, ({ path }) =>
      pipedrive({
        apiToken: token,
        domain: "acme",
        baseUrl: at(path),
        searchPace: { limit: 1_000_000, intervalMs: 1 },
      }),
    ),
    sheets: aPlace(vendorDefinitions.sheets, ({ path }, settings) =>
      googleSheets({
        ...key,
        spreadsheet: String(settings.spreadsheetId),
        baseUrl: at(path),
        tokenUrl: at(`${path}/token`),
      }),
    ),
    webhook: aPlace(vendorDefinitions.webhook, ({ path }) => webhook({ url: at(path), secret: token })),
    zapier: aPlace(vendorDefinitions.zapier, ({ path }) => zapier({ url: at(path) })),
    make: aPlace(vendorDefinitions.make, ({ path }) => make({ url: at(path) })),
  };
}

/** A destination before a vendor in memory, with nothing of a network between them. */
function aPlace(
  definition: { path: string },
  specOf: (definition: { path: string }, settings: Record<string, unknown>) => DestinationSpec,
): Place {
  const vendor = openVendor(definition as VendorDefinition, { origin, random: Math.random, now: Date.now });
  for (const [name, value] of Object.entries(unhurried)) if (name in vendor.settings) vendor.settings[name] = value;
  const configured = configureDestination("crm", specOf(definition, vendor.settings));
  if (!configured.destination) throw new Error(JSON.stringify(configured.problems));
  const { destination } = configured;
  const bugs: string[] = [];
  const log = { info() {}, warn() {}, error: (...line: unknown[]) => void bugs.push(JSON.stringify(line)) };
  let serial = 0;

  return {
    async act(input) {
      bugs.length = 0;
      serial += 1;
      const lead = aLead({ ...typed, firstName: "Marked", formData: { ...typed, n: serial }, consents: [aConsent()] });
      const fetch = twistedFetch(vendor.receive, input.twists);
      const told = await actOn(destination, lead, input, fetch, log).catch((error: unknown) => {
        // The log knows where it failed.
        throw bugs.length > 0 ? new Error(bugs.join("\n"), { cause: error }) : error;
      });
      if (bugs.length > 0) throw new Error(`its code failed: ${bugs.join("\n")}`);
      return told.map((what) => `${input.event} ${what}`);
    },
  };
}

/** Limits and lags of the fakes would only make it slow. */
const unhurried: Record<string, unknown> = { limits: false, searchLagMs: 0, callsPer10s: 1_000_000 };

async function actOn(
  destination: Destination,
  lead: Lead,
  { event, uncertain }: Input,
  fetch: GuardedFetch,
  log: Parameters<typeof attempt>[2]["log"],
): Promise<string[]> {
  const { signal } = new AbortController();
  if (event === "read-back") {
    const deliveryId = deliveryIdOf(lead.id, destination.id);
    const delivered = { deliveryId, leadId: lead.id, ref: "1", receivedAt: lead.receivedAt, lead };
    const look = createReadBack({ fetch, pacerOf: () => null, now: Date.now, log });
    const seen = destination.readBack ? [...(await look(destination, [delivered], signal)).values()] : [];
    for (const presence of seen) if (presence.type === "unknown") assertDiscreet([presence.reason]);
    return seen.map(({ type }) => type);
  }
  if (event === "check") {
    const context = { signal, now: Date.now, fetch: (url: string | URL, init?: object) => fetch(url, init, () => {}) };
    try {
      const results = (await destination.check?.(context)) ?? [];
      assertDiscreet(results);
      return results.map(({ result }) => result);
    } catch (error) {
      if (error instanceof NetworkError) return ["network error"];
      throw error;
    }
  }
  const told: string[] = [];
  let progress: Json = null;
  const saveProgress = async (_: unknown, saved: Json): Promise<boolean> => {
    // As the ledger keeps it.
    progress = JSON.parse(JSON.stringify(saved)) as Json;
    return true;
  };
  const context = { fetch, pacer: null, saveProgress, links: noLinks, now: Date.now, log };
  let doubt = uncertain;
  for (let n = 1; n <= mostAttempts; n++) {
    const claim = aClaim(destination, lead, { event, n, uncertain: doubt, progress });
    const attempted = await attempt([claim], destination, context);
    const [one] = attempted;
    if (!one || attempted.length !== 1) throw new Error(`${attempted.length} outcomes of one delivery`);
    const { outcome } = one;
    outcomeSchema.parse(outcome);
    if ("reason" in outcome && outcome.reason.code === "bug") throw new Error(`a bug: ${JSON.stringify(outcome)}`);
    assertDiscreet(outcome);
    told.push(outcome.type);
    if (outcome.type !== "retry" && outcome.type !== "uncertain") break;
    doubt = one.uncertain;
  }
  return told;
}

/** A retry goes on from the progress that was saved. */
const mostAttempts = 3;

/** What is shown to people tells nothing a visitor typed and no secret. */
function assertDiscreet(told: unknown): void {
  const text = JSON.stringify(told);
  for (const value of [...Object.values(typed), token]) {
    if (text.includes(value)) throw new Error(`"${value}" is told: ${text}`);
  }
}

type At = { event: DeliveryEvent; n: number; uncertain: boolean; progress: Json };

function aClaim(destination: Destination, lead: Lead, { event, n, uncertain, progress }: At): Claim {
  const delivery: Delivery = {
    id: deliveryIdOf(lead.id, destination.id),
    leadId: lead.id,
    destination: destination.id,
    event,
    kind: destination.kind,
    purpose: event === "lead.created" || event === "lead.erased" ? "enquiry" : "marketing",
    state: "claimed",
    dueAt: null,
    tries: n - 1,
    attempts: n,
    firstTryAt: null,
    uncertain,
    superseded: false,
    progress,
    reason: null,
    ref: null,
    warnings: [],
  };
  const about: Delivery | null = event === "lead.created" ? null : { ...delivery, event: "lead.created", ref: "1" };
  return { delivery, lead, basis: "consent", about };
}

/** Answers as the vendor does, except as the twists say: one for each request, over and over. */
function twistedFetch(receive: (request: VendorRequest) => Wire, twists: readonly Twist[]): GuardedFetch {
  let asked = 0;
  return async (url, init, sent) => {
    const twist = twists[asked % twists.length] ?? { type: "itself" };
    asked += 1;
    // A destination that asks for ever would otherwise be answered for ever.
    if (asked > mostRequests) throw new Error(`${asked} requests for one delivery`);
    sent();
    if (twist.type === "lost" && twist.when === "before")
      throw new NetworkError("econnreset", "connection reset", true);
    const wire = receive(requestOf(url, init));
    if (twist.type === "lost") throw new NetworkError("econnreset", "connection reset", true);
    if (wire.type !== "answer") throw new NetworkError("timed_out", "no answer in time", true);
    return responseOf(twisted(wire.answer, twist));
  };
}

const mostRequests = 400;

function requestOf(url: string | URL, init: Parameters<GuardedFetch>[1]): VendorRequest {
  const target = new URL(url);
  const body = init?.body === undefined || init.body === null ? "" : String(init.body);
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  return {
    method: init?.method ?? "GET",
    path: target.pathname + target.search,
    query: target.searchParams,
    headers: Object.fromEntries(new Headers(init?.headers)),
    body,
    json,
    bytes: Buffer.byteLength(body),
  };
}

function twisted(answer: HttpAnswer, twist: Twist): HttpAnswer {
  switch (twist.type) {
    case "status":
      return { ...answer, status: twist.status };
    case "headers":
      return { ...answer, headers: { ...answer.headers, ...Object.fromEntries(twist.headers) } };
    case "body":
      return { ...answer, body: twist.bytes };
    case "json":
      return { ...answer, body: jsonTwisted(String(answer.body), twist.twist) };
    default:
      return answer;
  }
}

function jsonTwisted(body: string, twist: (body: unknown) => unknown): string {
  try {
    return JSON.stringify(twist(JSON.parse(body))) ?? "";
  } catch {
    return body;
  }
}

function responseOf({ status, headers, body }: HttpAnswer): Response {
  const bodiless = status === 204 || status === 205 || status === 304;
  return new Response(bodiless ? null : (body as string | Uint8Array<ArrayBuffer>), {
    status,
    ...(headers ? { headers } : {}),
  });
}
