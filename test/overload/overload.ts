import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { listOf, settled } from "../crash/crash.ts";
import { aFreePort, startProgram } from "../crash/program.ts";

export type Quantiles = { count: number; p50: number; p99: number; most: number };

/** What a generator saw. Times are milliseconds. */
export type Generated = {
  sent: number;
  /** How many got which status, or which error of the connection. */
  statuses: Record<string, number>;
  /** Answers there is no reason for. */
  odd: readonly string[];
  accepted: Quantiles;
  refused: Quantiles;
  tookMs: number;
};

export type OverloadOptions = {
  /** How long twice the capacity is offered. */
  seconds: number;
  /** Connections held by the clients. */
  connections: number;
  /** How long capacity is looked for. @default 5 */
  measureSeconds?: number;
  log(line: string): void;
};

export type OverloadReport = {
  /** Leads kept a second when as many clients wait for their answers. */
  capacity: number;
  storm: Generated;
  /** Accepted leads that are not on record. */
  lost: number;
  /** Deliveries on record that did not come to `delivered`. */
  undelivered: number;
  /** Leads the receiver got. */
  received: number;
  /** Resident memory while overloaded, in MiB: the most in the second quarter of the time, and in the last. */
  memory: readonly [early: number, late: number];
  drainedInMs: number;
};

const generator = fileURLToPath(new URL("generator.ts", import.meta.url));
/** Code that has not run often is slow. */
const warmUpSeconds = 3;

/** Finds out how much the real program keeps, offers it twice as much for a while, and sees what became of everything. */
export async function runOverload({
  seconds,
  connections,
  measureSeconds = 5,
  log,
}: OverloadOptions): Promise<OverloadReport> {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-overload-"));
  const sink = await startSink();
  const port = await aFreePort();
  const program = startProgram({ folder, port, built: false, variables: variablesFor(folder, sink.url) });
  const memory: number[] = [];
  const ids = (name: string): string => join(folder, `${name}.txt`);
  try {
    await program.answers();
    await generate(program.url, 0, warmUpSeconds, connections, ids("warm"));
    const calm = await generate(program.url, 0, measureSeconds, connections, ids("calm"));
    const capacity = Math.round(calm.accepted.count / (calm.tookMs / 1_000));
    log(
      `capacity ${capacity} leads a second; offering ${2 * capacity} for ${seconds} s over ${connections} connections`,
    );
    const watching = setInterval(() => memory.push(residentMiB(program.pid)), 250);
    const storm = await generate(program.url, 2 * capacity, seconds, connections, ids("storm"));
    clearInterval(watching);
    log(`${storm.accepted.count} accepted, ${storm.refused.count} told to come again; waiting until all are delivered`);
    const startedAt = performance.now();
    const ledger = openSqliteLedger({ path: join(folder, "data", "ledger.db") });
    await settled(ledger, log);
    const drainedInMs = performance.now() - startedAt;
    await program.end("SIGTERM");
    const accepted = [ids("warm"), ids("calm"), ids("storm")].flatMap((file) =>
      readFileSync(file, "utf8").split("\n").filter(Boolean),
    );
    const became = await onRecord(ledger, accepted);
    await ledger.close();
    return {
      capacity,
      storm,
      ...became,
      received: sink.received(),
      memory: [mostOf(memory, 0.25, 0.5), mostOf(memory, 0.75, 1)],
      drainedInMs,
    };
  } finally {
    await program.end("SIGKILL").catch(() => {});
    sink.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What must not be. `mostMs`: the longest an accepted lead may have waited. */
export function brokenPromises(
  { storm, lost, undelivered, received, memory }: OverloadReport,
  mostMs: number,
): string[] {
  const [early, late] = memory;
  const { accepted, refused, statuses, odd, sent } = storm;
  const answered = accepted.count + refused.count;
  return [
    ...odd,
    ...(lost > 0 ? [`${lost} accepted leads are not on record`] : []),
    ...(undelivered > 0 ? [`${undelivered} leads were not delivered`] : []),
    ...(received < accepted.count ? [`${received} leads were received, of ${accepted.count} accepted`] : []),
    ...(refused.count === 0 ? ["nobody was told to come again"] : []),
    ...(accepted.p99 > mostMs ? [`accepted leads waited ${accepted.p99} ms (p99), more than ${mostMs}`] : []),
    ...(answered < sent ? [`${sent - answered} of ${sent} had no answer: ${JSON.stringify(statuses)}`] : []),
    ...(late > early * 1.25 + 32 ? [`memory grew from ${early} to ${late} MiB`] : []),
  ];
}

function variablesFor(folder: string, sink: string): Record<string, string> {
  return {
    CRM_WEBHOOK_URL: sink,
    LEADKEEP_DATA: join(folder, "data"),
    LEADKEEP_SCHEDULE: Array(50).fill("100ms").join(","),
    LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
    LEADKEEP_LOG_LEVEL: "silent",
    LEADKEEP_ALERT_EMAIL: "none",
  };
}

/** Takes every lead, and remembers which. */
async function startSink() {
  const got = new Set<string>();
  const server = createServer((request, response) => {
    got.add(String(request.headers["webhook-id"]));
    request.resume();
    request.once("end", () => response.writeHead(200, { "content-length": 0 }).end());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received: () => got.size,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** In a process of its own, which does not slow down what it measures more than any client would. */
function generate(url: string, rate: number, seconds: number, connections: number, file: string): Promise<Generated> {
  const args = ["--no-warnings", generator, url, rate, seconds, connections, file].map(String);
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(JSON.parse(printed) as Generated);
      else reject(new Error(`the generator ended with ${code}`));
    });
  });
}

/** What became of the leads somebody was thanked for. */
async function onRecord(
  ledger: Ledger,
  accepted: readonly string[],
): Promise<Pick<OverloadReport, "lost" | "undelivered">> {
  const records = new Map((await listOf(ledger)).map((record) => [record.lead.id as string, record]));
  const isDelivered = (id: string): boolean =>
    records.get(id)?.deliveries.every(({ state }) => state === "delivered") ?? true;
  return {
    lost: accepted.filter((id) => !records.has(id)).length,
    undelivered: accepted.filter((id) => !isDelivered(id)).length,
  };
}

function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Math.round(Number(kib) / 1_024);
}

/** The most of a part of the time, from one share of it to another. */
function mostOf(values: readonly number[], from: number, to: number): number {
  return Math.max(0, ...values.slice(Math.floor(from * values.length), Math.ceil(to * values.length)));
}
