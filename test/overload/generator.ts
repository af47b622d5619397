/**
 * Posts leads at a rate that does not wait for answers: `node generator.ts <url> <per second> <seconds> <connections> <file>`. At the
 * rate 0 each connection posts its next lead when it has the answer to the last. Each
 * lead has a key of its own, is sent once, and is timed from when it was to be sent, so that waiting for a connection counts. Writes
 * the ids of the accepted to the file, one a line, and prints what came of all as JSON.
 */
import { createWriteStream } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import type { Generated } from "./overload.ts";

const [url = "", perSecond = "0", seconds = "0", connections = "0", file = ""] = process.argv.slice(2);
const rate = Number(perSecond);
const total = rate > 0 ? Math.round(rate * Number(seconds)) : Number.POSITIVE_INFINITY;
const waitMs = 30_000;
const pool = new Pool(url, {
  connections: Number(connections),
  pipelining: 1,
  headersTimeout: waitMs,
  bodyTimeout: waitMs,
});
const ids = createWriteStream(file);
const statuses: Record<string, number> = {};
const latencies: number[] = [];
const refusals: number[] = [];
const odd: string[] = [];
// As the proxy in front would: a program takes one new connection a turn, however many wait, and its turns are long when it is busy.
await Promise.all(Array.from({ length: Number(connections) }, connect));
const startedAt = performance.now();
let open = 0;
let sent = 0;

async function connect(): Promise<void> {
  const { body } = await pool.request({ method: "GET", path: "/healthz" });
  await body.dump();
}

function count(what: string): void {
  statuses[what] = (statuses[what] ?? 0) + 1;
}

async function post(serial: number, dueAt: number): Promise<void> {
  const email = `visitor${serial}@example.com`;
  try {
    const { statusCode, headers, body } = await pool.request({
      method: "POST",
      path: "/f/contact",
      headers: { "content-type": "application/json", "idempotency-key": `overload-${process.pid}-${serial}` },
      body: JSON.stringify({ name: "Ada Lovelace", email, consent: "on", message: "Please call me back." }),
    });
    const text = await body.text();
    const tookMs = performance.now() - dueAt;
    count(String(statusCode));
    if (statusCode === 202) {
      latencies.push(tookMs);
      ids.write(`${/"lead_id":"(lead_[^"]+)"/.exec(text)?.[1] ?? `no id: ${text}`}\n`);
    } else if (statusCode === 503 || statusCode === 429) {
      refusals.push(tookMs);
      if (!/^\d+$/.test(String(headers["retry-after"]))) odd.push(`${statusCode} without Retry-After`);
    } else {
      odd.push(`${statusCode} ${text.slice(0, 200)}`);
    }
  } catch (error) {
    count(error instanceof Error && "code" in error ? String(error.code) : String(error));
  } finally {
    open -= 1;
  }
}

async function inTurn(): Promise<void> {
  while (performance.now() - startedAt < Number(seconds) * 1_000) {
    sent += 1;
    open += 1;
    await post(sent, performance.now());
  }
}

if (rate === 0) await Promise.all(Array.from({ length: Number(connections) }, inTurn));
else await atRate();

async function atRate(): Promise<void> {
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
    for (; sent < due; sent++) {
      open += 1;
      void post(sent, startedAt + (sent / rate) * 1_000);
    }
    await pause(2);
  }
}
while (open > 0) await pause(20);
const endedAt = performance.now();
await new Promise<void>((done) => ids.end(() => done()));
await pool.destroy();
const result: Generated = {
  sent,
  statuses,
  odd: odd.slice(0, 20),
  accepted: quantiles(latencies),
  refused: quantiles(refusals),
  tookMs: endedAt - startedAt,
};
console.log(JSON.stringify(result));

function quantiles(values: number[]): Generated["accepted"] {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
}
