import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { noAttribution } from "../../src/model/attribution.ts";
import { newLeadId } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";
import { leadPayload } from "../../src/model/payload.ts";
import { submission } from "../support/a-submission.ts";
import { cpuSecondsOf } from "../support/cpu.ts";
import { aFolder, startGateway, startScript } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";

const concurrency = 64;

/** Deliveries a second while a backlog drains to a local sink, every attempt on record before and after. */
export async function drainRow(rounds: number, total: number): Promise<Row> {
  const ours: number[] = [];
  const bare: number[] = [];
  const cpu: number[] = [];
  const sink = await startScript("sink-server.ts");
  const startCpu = (await drain(sink.url, 0)).cpuSeconds;
  for (let i = 0; i < rounds; i++) {
    bare.push(await bareLoop(sink.url, total));
    const { rate, cpuSeconds } = await drain(sink.url, total);
    ours.push(rate);
    cpu.push(((cpuSeconds - startCpu) / total) * 1e6);
  }
  await sink.stop();
  return {
    name: `drain ${total.toLocaleString("en")} to a local sink`,
    unit: "deliveries/s",
    ours: figureOf(ours),
    baseline: { name: "bare undici loop", figure: figureOf(bare) },
    ratio: figureOf(ours.map((rate, i) => rate / (bare[i] ?? rate))),
    target: { atLeast: 0.6 },
    note: `${figureOf(cpu).median.toFixed(0)} µs of the gateway's processor time a delivery, its start not counted`,
  };
}

/** The baseline: how fast requests of the same body arrive when nothing is recorded. */
export async function bareLoop(url: string, total: number): Promise<number> {
  await fetch(url, { method: "DELETE" });
  const body = JSON.stringify(leadPayload(aLead()));
  const script = fileURLToPath(new URL("../support/undici-loop.ts", import.meta.url));
  const child = spawn(process.execPath, [script, url, String(total), String(concurrency), body], { stdio: "inherit" });
  await once(child, "exit");
  return rateAt(url, total);
}

/** Deliveries a second, and the processor time of the gateway from its start until the last was on record. */
async function drain(url: string, total: number): Promise<{ rate: number; cpuSeconds: number }> {
  const { folder, remove } = aFolder();
  const ledger = openSqliteLedger({ path: join(folder, ".leadkeep/ledger.db") });
  await fill(ledger, total);
  await ledger.close();
  await fetch(url, { method: "DELETE" });
  const gateway = await startGateway({ folder, variables: {}, config: configFor(url) });
  const rate = await arrivedAt(url, total);
  const cpuSeconds = cpuSecondsOf([gateway.child.pid ?? 0]);
  await gateway.stop();
  await assertAllDelivered(join(folder, ".leadkeep/ledger.db"));
  remove();
  return { rate, cpuSeconds };
}

/** A config file with the sink as its only destination. */
export function configFor(url: string): string {
  const index = new URL("../../dist/index.js", import.meta.url).href;
  return `import { defineConfig, webhook } from ${JSON.stringify(index)};
export default defineConfig({
  destinations: { webhook: webhook({ url: ${JSON.stringify(url)}, concurrency: ${concurrency}, basis: "contract" }) },
});`;
}

/** Waits until the sink has them all; resolves to how many came a second. */
export async function arrivedAt(url: string, total: number): Promise<number> {
  while ((await counted(url)).count < total) await new Promise((resolve) => setTimeout(resolve, 50));
  return rateAt(url, total);
}

/** Keeps so many leads that are to go to the sink. */
export async function fill(ledger: Ledger, total: number): Promise<void> {
  const delivery = {
    destination: "webhook",
    kind: "webhook",
    purpose: "enquiry",
    state: "pending",
    reason: null,
  } as const;
  for (let done = 0; done < total; ) {
    const batch = Math.min(2_000, total - done);
    await Promise.all(
      Array.from({ length: batch }, () => ledger.accept({ lead: aLead(), deliveries: [delivery], key: null })),
    );
    done += batch;
  }
}

async function assertAllDelivered(path: string): Promise<void> {
  const ledger = openSqliteLedger({ path });
  const left = await ledger.backlog();
  await ledger.close();
  if (left.length > 0) throw new Error(`not everything was delivered: ${JSON.stringify(left)}`);
}

async function counted(url: string): Promise<{ count: number; first: number; last: number }> {
  return (await fetch(url)).json() as Promise<{ count: number; first: number; last: number }>;
}

async function rateAt(url: string, total: number): Promise<number> {
  const { count, first, last } = await counted(url);
  if (count !== total) throw new Error(`the sink got ${count} of ${total}`);
  return ((count - 1) / (last - first)) * 1_000;
}

function aLead(): Lead {
  const id = newLeadId(Date.now());
  return {
    id,
    state: "active",
    form: "contact",
    formName: "contact",
    receivedAt: Date.now(),
    email: submission.email,
    phone: "+442079460018",
    name: submission.name,
    firstName: "Ada",
    lastName: "Lovelace",
    company: submission.company,
    message: submission.message,
    timezone: submission.timezone,
    formData: submission,
    attribution: noAttribution,
    ipAddress: null,
    userAgent: null,
    person: id,
    consents: [],
  };
}
