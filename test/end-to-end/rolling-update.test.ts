import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aDatabase, type Database } from "../support/a-database.ts";
import { aPerson } from "../support/a-gateway.ts";
import { type RunningCommand, startLeadkeep } from "../support/leadkeep-command.ts";
import { until } from "../support/until.ts";

let sandbox: Sandbox;
let database: Database;
let folder: string;

beforeEach(async () => {
  [sandbox, database] = await Promise.all([startSandbox(), aDatabase()]);
  folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
});

afterEach(async () => {
  await sandbox.close();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

type Process = { url: string; command: RunningCommand };

async function aProcess(): Promise<Process> {
  const command = startLeadkeep(["start"], {
    folder,
    variables: {
      DATABASE_URL: database.url,
      LEADKEEP_SECRET: "the-same-on-both-machines",
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      LEADKEEP_LOG_LEVEL: "warn",
      CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
      PORT: "0",
    },
  });
  const [, url = ""] = await command.said(/listening on (http\S+)/);
  return { url, command };
}

/** Sends a lead as a proxy in front would: to the next gateway when one refuses the connection, under the same key. */
async function send(gateways: () => readonly Process[]): Promise<string> {
  const key = randomUUID();
  const body = JSON.stringify(aPerson());
  return until(async () => {
    for (const { url } of gateways()) {
      const headers = { "content-type": "application/json", "idempotency-key": key };
      const response = await fetch(`${url}/f/contact`, { method: "POST", headers, body }).catch(() => null);
      if (response?.status === 202) return ((await response.json()) as { lead_id: string }).lead_id;
    }
    return null;
  });
}

test("gateways replaced one after the other under load lose no lead and deliver none twice", async () => {
  sandbox.vendors.webhook.setFault({ type: "latency", ms: 20 });
  const gateways = [await aProcess(), await aProcess()];
  const accepted: string[] = [];
  let loading = true;
  const senders = Array.from({ length: 4 }, async (_, i) => {
    while (loading) accepted.push(await send(() => (i % 2 === 0 ? gateways : gateways.toReversed())));
  });
  for (const i of [0, 1]) {
    await until(() => accepted.length > 100 * (i + 1));
    const old = gateways[i];
    old?.command.signal("SIGTERM");
    expect((await old?.command.ended)?.code).toBe(0);
    gateways[i] = await aProcess();
  }
  await until(() => accepted.length > 300);
  loading = false;
  await Promise.all(senders);
  const arrived = () => sandbox.vendors.webhook.received.map(({ json }) => (json as { lead_id: string }).lead_id);
  await until(() => new Set(arrived()).size === accepted.length);
  expect(arrived().sort()).toEqual(accepted.sort());
});

test("a gateway listens only once its ledger's schema is up to date, also when several start at once", async () => {
  const gateways = await Promise.all([aProcess(), aProcess(), aProcess()]);
  const answers = await Promise.all(gateways.map(({ url }) => fetch(`${url}/readyz`)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
});
