import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import type * as z from "zod";
import { apiRoutes } from "../../src/server/api/api.ts";
import { createDesk } from "../../src/server/api/desk.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aLead, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { type As, anApi, type TestApi } from "../support/an-api.ts";
import { until } from "../support/until.ts";

/** The schema each route's description promises, by "METHOD /path". */
function promised({ gateway }: TestApi): Map<string, z.ZodType> {
  const { openAPIRegistry } = apiRoutes(gateway, createDesk(gateway), new AbortController().signal);
  const schemas = new Map<string, z.ZodType>();
  for (const definition of openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { method, path, responses } = definition.route;
    const json = responses[200] && "content" in responses[200] && responses[200].content?.["application/json"];
    if (json && "schema" in json) schemas.set(`${method.toUpperCase()} ${path}`, json.schema as z.ZodType);
  }
  return schemas;
}

/** A gateway with something of everything: leads delivered to nowhere, a quarantined one, a person, a token, acts. */
async function filled(): Promise<{ api: TestApi; owner: As; lead: string; quarantined: string; delivery: string }> {
  const api = await anApi({
    config: { alerts: { every: "100ms" } },
    variables: { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook", LEADKEEP_SCHEDULE: "1ms" },
  });
  const query = "utm_source=google&utm_campaign=autumn&gclid=abc";
  const lead = await api.post(
    aPerson({ message: "Hello", page_url: `https://example.com/?${query}`, budget: [1, { a: null }] }),
  );
  await api.delivery(lead, "webhook", "dead");
  const held = aLead({ state: "quarantined" });
  const reason = { code: "quarantined", message: "suspected spam" };
  await api.gateway.ledger.accept(
    anEntry({ lead: held, deliveries: [aWithheldDelivery({ destination: "webhook", reason })] }),
  );
  const owner = await api.owner();
  await api.signIn("operator");
  await api.call("POST", "/tokens", { as: owner, body: { name: "report", scopes: ["read"] } });
  return { api, owner, lead, quarantined: held.id, delivery: `dlv_${lead.slice(5)}_webhook` };
}

test("the OpenAPI document is valid", async () => {
  const api = await anApi();
  const answered = await api.call("GET", "/openapi.json", { as: null });
  const { valid, errors } = await new Validator().validate(answered.json());
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
});

test("every route describes itself, its answer, and the problems it may answer", async () => {
  const api = await anApi();
  type Operation = { summary?: string; tags?: string[]; responses: Record<string, { description: string }> };
  const { paths } = (await api.call("GET", "/openapi.json")).json<{
    paths: Record<string, Record<string, Operation>>;
  }>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, { summary, tags, responses }] of Object.entries(methods)) {
      expect([path, method, Boolean(summary), tags?.length, "default" in responses]).toEqual([
        path,
        method,
        true,
        1,
        true,
      ]);
    }
  }
});

test("every answer is exactly what its route's schema promises: nothing missing, nothing more", async () => {
  const { api, owner, lead, quarantined, delivery } = await filled();
  const schemas = promised(api);
  const email = (await api.record(lead)).lead.email ?? "";
  const person = (await api.gateway.accounts.people())[0]?.id;
  const alert = await until(async () => (await api.gateway.alerts.list()).open[0]?.id);
  const actor = { type: "machine", name: "test" } as const;
  const { id: verification } = await api.gateway.completeness.verify({ actor });
  const calls: [string, Record<string, string>, unknown?][] = [
    ["GET /session", {}],
    ["GET /overview", {}],
    ["GET /alerts", {}],
    ["GET /verifications", {}],
    ["GET /verifications/{id}", { id: verification }],
    ["GET /forms/{id}/rhythm", { id: "contact" }],
    ["POST /verifications", {}, { destination: "webhook" }],
    ["POST /alerts/{id}/acknowledge", { id: alert }],
    ["GET /leads", {}],
    ["GET /leads/{id}", { id: lead }],
    ["GET /leads/{id}", { id: quarantined }],
    ["PATCH /leads/{id}", { id: lead }, { stage: "working", assignee: "Grace", note: "called" }],
    ["GET /dead-letters", {}],
    ["GET /destinations", {}],
    ["GET /destinations/{id}", { id: "webhook" }],
    ["POST /deliveries/replay", {}, { state: "dead", dry_run: true }],
    ["POST /destinations/{id}/pause", { id: "webhook" }],
    ["GET /overview", {}],
    ["POST /deliveries/replay", {}, { ids: [delivery] }],
    ["POST /deliveries/cancel", {}, { ids: [delivery], handled: true }],
    ["POST /destinations/{id}/resume", { id: "webhook" }],
    ["POST /destinations/{id}/check", { id: "webhook" }],
    ["POST /destinations/{id}/resync", { id: "webhook" }, { dry_run: true }],
    ["POST /destinations/{id}/test", { id: "webhook" }, {}],
    ["POST /leads/{id}/consents", { id: lead }, { purpose: "marketing", action: "granted", text: "On the phone." }],
    ["POST /leads/{id}/consents", { id: lead }, { purpose: "marketing", action: "withdrawn" }],
    ["POST /leads/{id}/quarantine", { id: lead }, { undo: true }],
    ["GET /leads", {}],
    ["GET /leads/{id}", { id: lead }],
    ["POST /leads/release", {}, { ids: [lead] }],
    ["POST /leads/delete", {}, { ids: [quarantined, lead] }],
    ["GET /forms", {}],
    ["GET /acts", {}],
    ["GET /people", {}],
    ["POST /people", {}, { email: "B@example.com", name: "B", role: "viewer", password: "a long enough password" }],
    ["PATCH /people/{id}", { id: person ?? "" }, { role: "owner" }],
    ["GET /tokens", {}],
    ["POST /tokens", {}, { name: "crm", scopes: ["operate"] }],
    ["GET /setup", {}],
    ["POST /setup/check", {}],
    ["POST /subjects/plan", {}, { identifier: "nobody@example.com" }],
    ["POST /subjects/erase", {}, { identifier: email, confirm: email.toUpperCase() }],
    ["POST /subjects/status", {}, { identifier: email }],
  ];
  for (const [route, params, body] of calls) {
    const [method = "", path = ""] = route.split(" ");
    const filledPath = Object.entries(params).reduce((text, [name, value]) => text.replace(`{${name}}`, value), path);
    const answered = await api.call(method, filledPath, { as: owner, ...(body === undefined ? {} : { body }) });
    expect([route, answered.status, answered.text.slice(0, 200)]).toEqual([route, 200, expect.anything()]);
    expect([route, schemas.get(route)?.parse(answered.json())]).toEqual([route, answered.json()]);
    schemas.set(`tried ${route}`, schemas.get(route) as z.ZodType);
  }
  const untried = [...schemas.keys()].filter((route) => !route.startsWith("tried ") && !schemas.has(`tried ${route}`));
  expect(untried).toEqual([]);
});
