/**
 * Visitors posting leads: `node generator.ts <a GeneratorTask as JSON>`. With a rate they come when they come, however many are still
 * waiting for their answers; each is timed from when it was to come, so that no waiting is left out. Without, each connection posts its next
 * lead when it has the answer to the last. Writes the ids of the accepted to the file, one a line, and prints a `Generated` as JSON.
 */
import { createWriteStream } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { submission } from "../../bench/support/a-submission.ts";
import type { Generated, GeneratorTask } from "./generator-task.ts";
import { addTiming, noTimings } from "./timings.ts";
import { openLine, type VisitorLine } from "./visitor-line.ts";

const task = JSON.parse(process.argv[2] ?? "") as GeneratorTask;
const { rate, seconds, connections, fresh, forms } = task;
const url = new URL(task.url);
const waitMs = 30_000;
/** A connection that has been idle this long is not used again: the other side may just be closing it. */
const idleMs = 5_000;
/** Enough that none of them sends so much that the rate of one address is a sign of spam. */
const addresses = 60_000;

const ids = createWriteStream(task.file);
const statuses: Record<string, number> = {};
const odd: string[] = [];
const timings = {
  accepted: noTimings(),
  acceptedFromSend: noTimings(),
  refused: noTimings(),
  late: noTimings(),
};
const acceptedBySecond: number[] = [];
const idle: VisitorLine[] = [];
/** Those for whom there is no connection yet, in the order they came. */
const queue: { serial: number; dueAt: number; answered?: () => void }[] = [];
let queued = 0;
let open = 0;
let mostOpen = 0;
let sent = 0;
let answered = 0;
const startedAt = performance.now();

function requestOf(serial: number): string {
  const body = JSON.stringify({
    ...submission,
    email: `visitor${task.name}-${serial}@example.com`,
    message: `${submission.message} (${serial})`,
  });
  const address = serial % addresses;
  const head = [
    `POST /f/site-${serial % forms} HTTP/1.1`,
    `host: ${url.host}`,
    "content-type: application/json",
    `content-length: ${body.length}`,
    `idempotency-key: overload-${task.name}-${serial}`,
    `x-forwarded-for: 198.${18 + (address >> 16)}.${(address >> 8) & 255}.${address & 255}`,
    "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    `connection: ${fresh ? "close" : "keep-alive"}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** A connection that is free, or a new one; null when there are as many as there may be. */
function take(): VisitorLine | null {
  for (let line = idle.pop(); line; line = idle.pop()) {
    if (line.isOpen() && performance.now() - line.usedAt() < idleMs) return line;
    line.close();
  }
  if (open >= connections) return null;
  open += 1;
  mostOpen = Math.max(mostOpen, open);
  return openLine(url, waitMs, () => {
    open -= 1;
    next();
  });
}

function next(): void {
  while (queued < queue.length) {
    const line = take();
    if (!line) return;
    const { serial, dueAt, answered } = queue[queued] as (typeof queue)[number];
    queued += 1;
    void post(line, serial, dueAt).then(answered);
  }
  queue.length = 0;
  queued = 0;
}

async function post(line: VisitorLine, serial: number, dueAt: number): Promise<void> {
  const begunAt = performance.now();
  addTiming(timings.late, begunAt - dueAt);
  try {
    const { status, head, body } = await line.ask(requestOf(serial));
    const now = performance.now();
    count(String(status));
    if (status === 202) {
      addTiming(timings.accepted, now - dueAt);
      addTiming(timings.acceptedFromSend, now - begunAt);
      const second = Math.floor((now - startedAt) / 1_000);
      while (acceptedBySecond.length <= second) acceptedBySecond.push(0);
      acceptedBySecond[second] = (acceptedBySecond[second] ?? 0) + 1;
      ids.write(`${/"lead_id":"(lead_[^"]+)"/.exec(body)?.[1] ?? `no id: ${body}`}\n`);
    } else if (status === 503 || status === 429) {
      addTiming(timings.refused, now - dueAt);
      if (!/\r\nretry-after: *\d+/i.test(head)) odd.push(`${status} without Retry-After`);
    } else {
      odd.push(`${status} ${body.slice(0, 200)}`);
    }
  } catch (code) {
    count(String(code));
  }
  answered += 1;
  if (line.isOpen()) idle.push(line);
  next();
}

function count(what: string): void {
  statuses[what] = (statuses[what] ?? 0) + 1;
}

/** Each waits for the answer to the one before. */
async function inTurn(): Promise<void> {
  while (performance.now() - startedAt < seconds * 1_000) {
    await new Promise<void>((answered) => {
      queue.push({ serial: sent, dueAt: performance.now(), answered });
      sent += 1;
      next();
    });
  }
}

async function atRate(): Promise<void> {
  const total = Math.round(rate * seconds);
  while (sent < total) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
    for (; sent < due; sent++) queue.push({ serial: sent, dueAt: startedAt + (sent / rate) * 1_000 });
    next();
    await pause(1);
  }
}

if (rate === 0) await Promise.all(Array.from({ length: connections }, inTurn));
else await atRate();
while (answered < sent) await pause(20);
const tookMs = performance.now() - startedAt;
for (const line of idle) line.close();
await new Promise<void>((done) => ids.end(() => done()));
const { user, system } = process.cpuUsage();
const result: Generated = {
  sent,
  statuses,
  odd: odd.slice(0, 20),
  timings,
  acceptedBySecond,
  mostOpen,
  tookMs,
  cpuShare: (user + system) / 1_000 / tookMs,
};
console.log(JSON.stringify(result));
