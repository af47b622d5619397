import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { type RunningCommand, runLeadkeep, startLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
let folder: string;

beforeEach(async () => {
  sandbox = await startSandbox();
  folder = aFolder();
});
afterEach(() => sandbox.close());

/** A gateway with these destinations. */
async function start(destinations: Record<string, string>): Promise<{ gateway: RunningCommand; url: string }> {
  const variables = { LEADKEEP_ALLOW_PRIVATE_NETWORK: "1", LEADKEEP_LOG_LEVEL: "warn", PORT: "0", ...destinations };
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  writeFileSync(join(folder, ".env"), lines.join("\n"));
  const gateway = startLeadkeep(["start"], { folder });
  const [, url = ""] = await gateway.said(/listening on (http:\S+)/);
  return { gateway, url };
}

async function post(url: string, email: string): Promise<void> {
  const body = JSON.stringify({ email, consent: "on" });
  const response = await fetch(`${url}/f/contact`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  expect(response.status).toBe(202);
}

test("a destination added today is given the leads it lacks, counted before, each once", async () => {
  const webhook = { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url };
  const { gateway, url } = await start(webhook);
  for (const email of ["a@example.com", "b@example.com"]) await post(url, email);
  await until(() => sandbox.vendors.webhook.received.length === 2);
  gateway.signal("SIGTERM");
  await gateway.ended;
  await start({ ...webhook, ZAPIER_WEBHOOK_URL: sandbox.vendors.zapier.url });

  const counted = await runLeadkeep(["resync", "zapier", "--dry-run"], { folder });
  expect([counted.code, counted.stdout]).toEqual([0, "2 leads would be sent to zapier.\n"]);
  expect(sandbox.vendors.zapier.received).toEqual([]);
  const sent = await runLeadkeep(["resync", "zapier", "--json"], { folder });
  expect(JSON.parse(sent.stdout)).toEqual({ destination: "zapier", count: 2, dry_run: false });
  await until(() => sandbox.vendors.zapier.received.length === 2);
  const again = await runLeadkeep(["resync", "zapier"], { folder });
  expect(again.stdout).toBe("0 leads are on the way to zapier.\n");
  expect(sandbox.vendors.webhook.received).toHaveLength(2);
});

test("resync tells what it can be asked for: an unknown destination, a pause, a wrong date", async () => {
  await start({ CRM_WEBHOOK_URL: sandbox.vendors.webhook.url });
  const unknown = await runLeadkeep(["resync", "nowhere"], { folder });
  expect([unknown.code, unknown.stderr]).toEqual([1, "There is no destination nowhere. Configured: webhook.\n"]);
  await runLeadkeep(["pause", "webhook"], { folder });
  expect((await runLeadkeep(["resync", "webhook"], { folder })).stdout).toContain("leadkeep resume webhook");
  expect((await runLeadkeep(["resync", "webhook", "--since", "never"], { folder })).code).toBe(2);
});
