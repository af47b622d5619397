import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import type * as z from "zod";
import { checkConfig } from "../../../src/config/config.ts";
import { type Gateway, openGateway } from "../../../src/gateway.ts";
import { apiRoutes, createApi } from "../../../src/server/api/api.ts";
import { createDesk } from "../../../src/server/api/desk.ts";
import { aConsent, aDelivery, aLead, anEntry, aWithheldDelivery } from "../../support/a-lead.ts";
import { adminPassword, apiToken } from "../../support/an-api.ts";
import { mutatedBytes, mutatedText } from "../bytes.ts";
import { corpus } from "../corpus.ts";
import { watchLedger } from "../ledger-watch.ts";
import type { Target } from "../target.ts";
import { mutatedValue } from "../values.ts";
import { assertWellFormed } from "../well-formed.ts";

type Input = {
  route: Route;
  ids: string[];
  query: [string, string][];
  as: string;
  body: Uint8Array | null;
  headers: Record<string, string>;
};
type Route = { method: string; path: string };

const prefix = "/api/v1";
const readOnlyToken = "not-a-token-of-anybody-0123456789";
/** What is asked for so often that it would fill the place; a new one is begun then. */
const fullAt = 10_000;

/** Every route of the OpenAPI document, with parameters, bodies and tokens of any kind. */
export async function openApi(): Promise<Target<Input>> {
  let place = await openPlace();
  let asked = 0;
  const figures: Record<string, number> = {};
  return {
    input: inputs(place.routes),
    async check(input) {
      asked += 1;
      const status = await place.ask(input);
      figures[status] = (figures[status] ?? 0) + 1;
    },
    async settle() {
      await place.settle();
      if (asked < fullAt) return;
      asked = 0;
      await place.close();
      place = await openPlace();
    },
    figures: () => figures,
    close: () => place.close(),
  };
}

async function openPlace() {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-fuzz-"));
  const options = await checkConfig(
    { alerts: { mail: false, webhooks: [], digest: false } },
    {
      LEADKEEP_DATA: folder,
      LEADKEEP_SECRET: "fuzz-fuzz-fuzz-fuzz",
      LEADKEEP_ADMIN_PASSWORD: adminPassword,
      LEADKEEP_API_TOKEN: apiToken,
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      CRM_WEBHOOK_URL: "http://127.0.0.1:9/",
      PORT: "0",
    },
  );
  const bugs: string[] = [];
  const gateway = await openGateway(options, {
    log: { info() {}, warn() {}, error: (...line: unknown[]) => void bugs.push(JSON.stringify(line)) },
  });
  const stopping = new AbortController();
  const api = createApi(gateway, { prefix, stopping: stopping.signal });
  const { openAPIRegistry } = apiRoutes(gateway, createDesk(gateway), stopping.signal);
  const described = openAPIRegistry.definitions.flatMap((one) => (one.type === "route" ? [one.route] : []));
  const schemas = new Map(described.map((route) => [`${route.method.toUpperCase()} ${route.path}`, promisedBy(route)]));
  // A verification that was begun goes on after its answer.
  const watch = watchLedger(join(folder, "ledger.db"), (table) => table !== "together" && !table.startsWith("verif"));
  let known = await filled(gateway);
  const cookies = new Map<string, string>();

  async function ask({ route, ids, query, as, body, headers }: Input): Promise<string> {
    let nth = 0;
    const path = route.path.replaceAll(/\{\w+\}/g, () => {
      const id = ids[nth++ % ids.length] ?? "";
      return encodeURIComponent(id.startsWith("#") ? (known[Number(id.slice(1)) % known.length] ?? id) : id);
    });
    const search = query.length === 0 ? "" : `?${new URLSearchParams(query)}`;
    const hasBody = body !== null && route.method !== "GET" && route.method !== "HEAD";
    const request = new Request(`http://127.0.0.1${prefix}${path}${search}`, {
      method: route.method,
      headers: {
        ...headers,
        ...credentials(as, cookies.get("owner")),
        ...(hasBody ? { "content-type": headers["content-type"] ?? "application/json" } : {}),
      },
      ...(hasBody ? { body: new Uint8Array(body) } : {}),
    });
    watch.changed();
    const response = await api.fetch(request, {});
    // Signed out; signed in again by the next that can.
    if (response.status === 401 && as === "owner") cookies.delete("owner");
    const type = response.headers.get("content-type") ?? "";
    const cookie = response.headers.get("set-cookie");
    if (response.status === 204 && cookie?.startsWith("leadkeep")) cookies.set("owner", cookie.split(";")[0] ?? "");
    if (type.startsWith("text/event-stream")) {
      await response.body?.cancel();
      return "stream";
    }
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = (response.headers.get("content-encoding") === "gzip" ? gunzipSync(bytes) : bytes).toString("utf8");
    if (type.includes("csv")) return "table";
    assertWellFormed({ status: response.status, headers: Object.fromEntries(response.headers), body: text });
    if (bugs.length > 0) throw new Error(bugs.splice(0).join("\n"));
    const written = response.status >= 400 ? watch.changed() : [];
    if (written.length > 0) throw new Error(`answered ${response.status}, yet wrote to ${written}`);
    if (response.status === 200 && type.includes("json")) {
      const schema = schemas.get(`${route.method} ${route.path}`);
      if (schema) schema.parse(JSON.parse(text));
    }
    return `${response.status}`;
  }

  return {
    routes: described.map(({ method, path }) => ({ method: method.toUpperCase(), path })),
    ask,
    async settle() {
      const request = new Request(`http://127.0.0.1${prefix}/leads`, { headers: credentials("token", undefined) });
      const response = await api.fetch(request, {});
      if (response.status !== 200) throw new Error(`a plain question is answered ${response.status}`);
      await response.text();
      // What a run has deleted and erased is there again.
      known = await filled(gateway);
    },
    async close() {
      stopping.abort();
      watch.close();
      await gateway.stop({ graceMs: 100 });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function promisedBy(route: { responses: object }): z.ZodType | null {
  const responses = route.responses as Record<string, { content?: Record<string, { schema?: unknown }> } | undefined>;
  return (responses[200]?.content?.["application/json"]?.schema as z.ZodType | undefined) ?? null;
}

function credentials(as: string, cookie: string | undefined): Record<string, string> {
  if (as === "token") return { authorization: `Bearer ${apiToken}` };
  if (as === "nobody") return {};
  if (as === "stranger") return { authorization: `Bearer ${readOnlyToken}` };
  if (as === "owner")
    return cookie ? { cookie, "sec-fetch-site": "same-origin" } : { authorization: `Bearer ${apiToken}` };
  return { authorization: as };
}

/** Leads of every state; answers ids to ask for. */
async function filled(gateway: Gateway): Promise<string[]> {
  const email = "ada@example.com";
  const lead = aLead({ email, consents: [aConsent()], formData: { email, budget: [1, { a: null }] } });
  const held = aLead({ state: "quarantined" });
  const reason = { code: "quarantined", message: "suspected spam" };
  await gateway.ledger.accept(anEntry({ lead, deliveries: [aDelivery({ destination: "webhook" })] }));
  await gateway.ledger.accept(
    anEntry({ lead: held, deliveries: [aWithheldDelivery({ destination: "webhook", reason })] }),
  );
  return [lead.id, held.id, `dlv_${lead.id.slice(5)}_webhook`, "webhook", "contact"];
}

function inputs(routes: readonly Route[]): fc.Arbitrary<Input> {
  const seeds = corpus("api") as { body: unknown }[];
  const texts = seeds.map(({ body }) => Buffer.from(JSON.stringify(body)));
  const asJson = (body: unknown): Buffer => Buffer.from(JSON.stringify(body) ?? "");
  // Making sessions and people costs as much as a password's hash is meant to.
  const dear = routes.filter(({ method, path }) => method === "POST" && /^\/(session|people)/.test(path));
  const cheap = routes.filter((route) => !dear.includes(route));
  const route = fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...cheap) },
    { weight: 1, arbitrary: fc.constantFrom(...(dear.length > 0 ? dear : cheap)) },
  );
  const id = fc.oneof(
    { weight: 3, arbitrary: fc.nat({ max: 4 }).map((n) => `#${n}`) },
    {
      weight: 1,
      arbitrary: mutatedText([
        "lead_01920000-0000-7000-8000-000000000000",
        "dlv_x_webhook",
        "webhook",
        "contact",
        "..",
        "a/b",
        "%2e%2e",
      ]).map((one) => one || "x"),
    },
  );
  const name = fc.constantFrom(
    "limit",
    "cursor",
    "before",
    "after",
    "form",
    "state",
    "delivery_state",
    "destination",
    "reason",
    "since",
    "until",
    "text",
    "person",
    "stage",
    "assignee",
    "code",
    "format",
    "days",
    "source",
    "campaign",
    "subject",
    "act",
    "__proto__",
  );
  const value = fc.oneof(
    fc.constantFrom(
      "1",
      "0",
      "-1",
      "1e9",
      "dead",
      "active",
      "quarantined",
      "new",
      "webhook",
      "contact",
      "csv",
      "2026-11-24",
      "1795000000000",
      "lead_",
      "",
    ),
    mutatedText([
      "2026-11-24T09:30:00Z",
      "ada@example.com",
      "50",
      "pending",
      "lead_01920000-0000-7000-8000-000000000000",
    ]),
  );
  return fc.record({
    route,
    ids: fc.array(id, { minLength: 1, maxLength: 2 }),
    query: fc.array(fc.tuple(name, value), { maxLength: 3 }),
    as: fc.oneof(
      { weight: 8, arbitrary: fc.constant("token") },
      { weight: 4, arbitrary: fc.constant("owner") },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          "nobody",
          "stranger",
          "Basic YTpi",
          "Bearer",
          "bearer  x",
          `Bearer ${apiToken} `,
          `Bearer ${apiToken.slice(1)}`,
        ),
      },
    ),
    body: fc.oneof(
      { weight: 6, arbitrary: mutatedValue(seeds.map(({ body }) => body)).map(asJson) },
      { weight: 2, arbitrary: mutatedBytes(texts) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
    headers: fc.dictionary(
      fc.constantFrom(
        "content-type",
        "accept",
        "origin",
        "sec-fetch-site",
        "content-length",
        "if-none-match",
        "accept-encoding",
      ),
      fc.constantFrom(
        "application/json",
        "text/plain",
        "application/json; charset=utf-16",
        "https://example.com",
        "cross-site",
        "same-origin",
        "gzip",
        "*/*",
        "7",
      ),
      { maxKeys: 2, noNullPrototype: true },
    ),
  });
}
