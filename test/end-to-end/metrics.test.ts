import { readFileSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { parse } from "yaml";
import * as z from "zod";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
let gateway: TestGateway;
const token = "metrics-token-of-the-test-1234";

beforeEach(async () => {
  sandbox = await startSandbox();
});

afterEach(async () => {
  await gateway.close();
  await sandbox.close();
});

async function start(variables: Record<string, string> = {}): Promise<void> {
  gateway = await aGateway({ variables: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url, ...variables } });
}

const ask = (headers: Record<string, string> = {}) => fetch(`${gateway.url}/metrics`, { headers });
const scrape = async () => (await ask()).text();

/** The line of a series, such as `leadkeep_leads{state="active"}`, once it has this value. */
function reads(series: string, value: number): Promise<string> {
  return until(async () => ((await scrape()).includes(`\n${series} ${value}\n`) ? series : null));
}

test("what happened is counted from the first lead on", async () => {
  await start();
  const lead = await gateway.post(aPerson());
  await gateway.delivery(lead, "webhook", "delivered");
  await fetch(`${gateway.url}/f/contact`, {
    method: "POST",
    body: "{",
    headers: { "content-type": "application/json" },
  });
  await reads('leadkeep_leads_accepted_total{form="contact"}', 1);
  await reads('leadkeep_submissions_refused_total{code="malformed"}', 1);
  await reads('leadkeep_attempts_total{destination="webhook",outcome="delivered"}', 1);
  await reads('leadkeep_delivery_wait_seconds_count{destination="webhook"}', 1);
  await reads('leadkeep_deliveries{destination="webhook",state="delivered"}', 1);
  await reads('leadkeep_leads{state="active"}', 1);
  await reads("leadkeep_ledger_up", 1);
  expect(await scrape()).toMatch(/\nleadkeep_commit_writes_count [1-9]/);
});

test("a repeat of a submission is not counted as a lead", async () => {
  await start();
  const person = aPerson({ _key: "the-same" });
  await gateway.post(person);
  await gateway.post(person);
  await gateway.post(aPerson());
  await reads('leadkeep_leads_accepted_total{form="contact"}', 2);
});

test("a destination that is blocked is paused, and its lead waits", async () => {
  await start();
  sandbox.vendors.webhook.setFault({ type: "status", status: 401 });
  await gateway.post(aPerson());
  await reads('leadkeep_destination_paused{destination="webhook"}', 1);
  await reads('leadkeep_deliveries{destination="webhook",state="pending"}', 1);
  await reads('leadkeep_attempts_total{destination="webhook",outcome="blocked"}', 1);
});

test("nothing of a person is in them", async () => {
  await start();
  const person = aPerson({ message: "call me on +44 20 7946 0958", utm_source: "a-source" });
  const lead = await gateway.post(person);
  await gateway.delivery(lead, "webhook", "delivered");
  await reads('leadkeep_leads_accepted_total{form="contact"}', 1);
  const text = await scrape();
  for (const part of [...Object.values(person).filter((one) => one !== "on"), lead, "7946", "a-source"])
    expect(text).not.toContain(String(part));
});

test("without a token they are answered to this machine, and to nobody through a proxy", async () => {
  await start();
  expect((await ask()).headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
    expect((await ask({ [name]: "203.0.113.9" })).status).toBe(404);
});

test("with a token they are answered to whoever has it, from anywhere, and to nobody else", async () => {
  await start({ LEADKEEP_METRICS_TOKEN: token });
  expect((await ask()).status).toBe(401);
  expect((await ask({ authorization: `Bearer ${token}x` })).status).toBe(401);
  const answer = await ask({ authorization: `Bearer ${token}`, "x-forwarded-for": "203.0.113.9" });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain("leadkeep_build_info");
});

const read = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), "utf8");

const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number(),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.enum(["stat", "timeseries"]),
      title: z.string(),
      gridPos: z.object({ x: z.number().max(23), y: z.number(), w: z.number().max(24), h: z.number() }),
      targets: z.array(z.object({ refId: z.string(), expr: z.string().min(1), legendFormat: z.string() })).min(1),
    }),
  ),
});

const rules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Leadkeep[A-Za-z]+$/),
          expr: z.string().min(1),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(["critical", "warning"]) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string() }),
        }),
      ),
    }),
  ),
});

test("every metric and label of the dashboard and of the alert rules is there in a running gateway", async () => {
  await start();
  await gateway.delivery(await gateway.post(aPerson()), "webhook", "delivered");
  await reads('leadkeep_attempts_total{destination="webhook",outcome="delivered"}', 1);
  const text = await scrape();
  const { panels } = dashboard.parse(JSON.parse(read("grafana/leadkeep.json")));
  const { groups } = rules.parse(parse(read("prometheus/alerts.yml")));
  const asked = [
    ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ...groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
  ];
  // A pace is only where a destination has a limit, which this one has not.
  const known = new Set(
    [...text.matchAll(/^([a-z_0-9]+)(?:\{| )/gm)].map(([, name]) => name).concat("leadkeep_pace_left"),
  );
  const names = asked.flatMap((expr) => expr.match(/\b(?:leadkeep|process|nodejs)_[a-z0-9_]+/g) ?? []);
  expect(names.filter((name) => !known.has(name))).toEqual([]);
  const labels = asked.flatMap((expr) =>
    [...expr.matchAll(/by \(([a-z, ]+)\)/g)].flatMap(([, by]) => by?.split(", ") ?? []),
  );
  expect([...new Set(labels)].filter((label) => !new RegExp(`[{,]${label}="`).test(text))).toEqual([]);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
