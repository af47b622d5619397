import { spawn } from "node:child_process";
import { once } from "node:events";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { isLeadId } from "../../src/model/id.ts";
import { settled } from "../crash/crash.ts";
import { aFreePort, startProgram } from "../crash/program.ts";
import { separateCores } from "./cores.ts";
import type { Generated, GeneratorTask } from "./generator-task.ts";
import { growthAMinute, medianOf, type Sample, samplesIn } from "./samples.ts";
import { type Quantiles, quantilesOf, sumOf } from "./timings.ts";

export type OverloadOptions = {
  /** How long more than the capacity is offered. */
  seconds: number;
  /** How many times the capacity. @default 2 */
  times?: number;
  /** Connections the generators may open, all together. @default 12_000 */
  connections?: number;
  /** A new connection for each lead. @default false */
  fresh?: boolean;
  /** Processes that generate. @default 1 */
  generators?: number;
  /** How long capacity is measured, and before that the program warmed up. @default 10 */
  measureSeconds?: number;
  /** Run what `npm run build` made instead of the sources. @default false */
  built?: boolean;
  /** Leads a second to offer, instead of finding out what it can. */
  offered?: number;
  /** How long a commit takes during the storm, in milliseconds, so that any machine has little capacity. @default as long as it takes */
  commitMs?: number;
  log(line: string): void;
};

export type Storm = {
  sent: number;
  statuses: Record<string, number>;
  odd: readonly string[];
  accepted: Quantiles;
  acceptedFromSend: Quantiles;
  refused: Quantiles;
  /** How late the generators themselves were. */
  late: Quantiles;
  /** Accepted in each tenth of the time. */
  acceptedOverTime: readonly number[];
  mostOpen: number;
  generatorShare: number;
  tookMs: number;
};

export type OverloadReport = {
  cores: string;
  /** Leads kept a second when as many clients wait for their answers, and how many were delivered a second meanwhile. */
  capacity: number;
  delivering: number;
  storm: Storm;
  /** Delivered a second during the storm. */
  stormDelivering: number;
  /** Deliveries that waited at the end of the storm. */
  backlog: number;
  samples: readonly Sample[];
  /** Resident memory in MiB: the median of the first and of the last tenth of the storm, the most, and how the second half grows. */
  memory: { early: number; late: number; most: number; growthAMinute: number };
  /** What became of the leads somebody was thanked for. */
  fate: Fate;
  drainedInMs: number;
  /** After it, a few leads one after the other. */
  after: Storm;
};

export type Fate = {
  accepted: number;
  /** Accepted and not on record. */
  lost: readonly string[];
  /** Accepted, on record, and not at the receiver; with the state of its delivery. */
  undelivered: readonly string[];
  /** Came to the receiver more than once though no attempt on record was uncertain. */
  doubled: readonly string[];
  /** Came to the receiver though whoever sent it never saw an answer. */
  unanswered: number;
};

/** As many as the benchmarks have. */
const calmConnections = 64;
/** No form takes more than 6 000 a minute. */
const forms = 400;

/** Finds out how much the real program keeps, offers it a multiple for a while, and sees what became of everything. */
export async function runOverload(options: OverloadOptions): Promise<OverloadReport> {
  const { seconds, times = 2, connections = 12_000, fresh = false, generators = 1, measureSeconds = 10, log } = options;
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-overload-"));
  const cores = separateCores();
  const receivedFile = join(folder, "received.txt");
  const probeFile = join(folder, "probe.jsonl");
  const slowDisk = join(folder, "slow-disk.txt");
  const sink = await startSink(receivedFile);
  cores.confine(sink.pid, "world");
  const program = startProgram({
    folder,
    port: await aFreePort(),
    built: options.built ?? false,
    variables: variablesFor(folder, sink.url, probeFile, slowDisk),
  });
  const files: string[] = [];

  async function generate(
    name: string,
    task: Pick<GeneratorTask, "rate" | "seconds" | "connections">,
  ): Promise<Generated[]> {
    const count = task.rate > 0 ? generators : 1;
    const each = Array.from({ length: count }, (_, n) => ({
      ...task,
      url: program.url,
      name: `${name}${n}`,
      rate: task.rate / count,
      connections: Math.floor(task.connections / count),
      fresh,
      forms,
      file: join(folder, `${name}${n}.txt`),
    }));
    files.push(...each.map(({ file }) => file));
    return Promise.all(each.map((one) => runGenerator(one, (pid) => cores.confine(pid, "world"))));
  }

  /** As many clients as keep it busy, each waiting for its answer before it sends the next. */
  async function measure(): Promise<{ capacity: number; delivering: number }> {
    const calm = { rate: 0, seconds: measureSeconds, connections: calmConnections };
    // Code that has not run often is slow.
    await generate("warm", calm);
    const before = await sink.count();
    const [measured] = await generate("calm", calm);
    const seconds = (measured?.tookMs ?? 1) / 1_000;
    return {
      capacity: Math.round((measured?.statuses["202"] ?? 0) / seconds),
      delivering: Math.round(((await sink.count()) - before) / seconds),
    };
  }

  try {
    await program.answers();
    cores.confine(program.pid, "gateway");
    log(cores.words);
    const { capacity, delivering } = options.offered === undefined ? await measure() : { capacity: 0, delivering: 0 };
    const offered = Math.round(options.offered ?? times * capacity);
    log(`capacity ${capacity} leads a second, ${delivering} delivered; offering ${offered} for ${seconds} s`);

    if (options.commitMs !== undefined) writeFileSync(slowDisk, String(options.commitMs));
    const stormFrom = Date.now();
    const stormCount = await sink.count();
    const storms = await generate("storm", { rate: offered, seconds, connections });
    const stormUntil = Date.now();
    rmSync(slowDisk, { force: true });
    const stormDelivering = Math.round((((await sink.count()) - stormCount) / (stormUntil - stormFrom)) * 1_000);
    const storm = stormOf(storms);
    const samples = samplesIn(probeFile, stormFrom, stormUntil);
    const ledger = openSqliteLedger({ path: join(folder, "data", "ledger.db") });
    try {
      const backlog = await waiting(ledger);
      log(`${storm.accepted.count} accepted, ${storm.refused.count} told to come again; ${backlog} deliveries wait`);
      const after = stormOf(await generate("after", { rate: 20, seconds: 1, connections }));
      const drainFrom = performance.now();
      await settled(ledger, log);
      const drainedInMs = performance.now() - drainFrom;
      await program.end("SIGTERM");
      await sink.end();
      return {
        cores: cores.words,
        capacity,
        delivering,
        storm,
        stormDelivering,
        backlog,
        samples,
        memory: memoryOf(samples),
        fate: await fateOf(ledger, files, receivedFile),
        drainedInMs,
        after,
      };
    } finally {
      await ledger.close();
    }
  } finally {
    await program.end("SIGKILL").catch(() => {});
    await sink.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What must not be, whatever the machine. */
export function brokenPromises({ storm, fate, after }: OverloadReport): string[] {
  const answered = storm.accepted.count + storm.refused.count;
  return [
    ...[...storm.odd, ...after.odd],
    ...fate.lost.map((id) => `${id} was accepted and is not on record`),
    ...fate.undelivered.map((words) => `accepted, and not delivered: ${words}`),
    ...fate.doubled.map((words) => `delivered more than once: ${words}`),
    ...(storm.refused.count === 0 ? ["nobody was told to come again"] : []),
    ...(answered < storm.sent
      ? [`${storm.sent - answered} of ${storm.sent} had no answer: ${JSON.stringify(storm.statuses)}`]
      : []),
    ...(after.accepted.count < after.sent
      ? [`afterwards not all were accepted: ${JSON.stringify(after.statuses)}`]
      : []),
  ];
}

function stormOf(all: readonly Generated[]): Storm {
  const timed = (name: keyof Generated["timings"]): Quantiles =>
    quantilesOf(sumOf(all.map(({ timings }) => timings[name])));
  const statuses: Record<string, number> = {};
  for (const one of all)
    for (const [what, count] of Object.entries(one.statuses)) statuses[what] = (statuses[what] ?? 0) + count;
  return {
    sent: all.reduce((sum, { sent }) => sum + sent, 0),
    statuses,
    odd: all.flatMap(({ odd }) => odd),
    accepted: timed("accepted"),
    acceptedFromSend: timed("acceptedFromSend"),
    refused: timed("refused"),
    late: timed("late"),
    acceptedOverTime: tenthsOf(all),
    mostOpen: all.reduce((sum, { mostOpen }) => sum + mostOpen, 0),
    generatorShare: all.reduce((sum, { cpuShare }) => sum + cpuShare, 0),
    tookMs: Math.max(...all.map(({ tookMs }) => tookMs)),
  };
}

function tenthsOf(all: readonly Generated[]): number[] {
  const length = Math.max(...all.map(({ acceptedBySecond }) => acceptedBySecond.length));
  const part = Math.max(1, Math.ceil(length / 10));
  return Array.from({ length: Math.ceil(length / part) }, (_, n) => {
    const inPart = all.flatMap(({ acceptedBySecond }) => acceptedBySecond.slice(n * part, (n + 1) * part));
    return Math.round(inPart.reduce((sum, count) => sum + count, 0) / Math.min(part, length - n * part));
  });
}

function memoryOf(samples: readonly Sample[]): OverloadReport["memory"] {
  const values = samples.map(({ rssMiB }) => rssMiB);
  const tenth = Math.max(1, Math.floor(values.length / 10));
  return {
    early: medianOf(values.slice(0, tenth)),
    late: medianOf(values.slice(-tenth)),
    most: Math.max(0, ...values),
    growthAMinute: growthAMinute(values.slice(Math.floor(values.length / 2))),
  };
}

function variablesFor(folder: string, sink: string, probeFile: string, slowDisk: string): Record<string, string> {
  const preloaded = ["probe.ts", "slow-disk.ts"].map((name) => `--import=${new URL(name, import.meta.url).href}`);
  return {
    CRM_WEBHOOK_URL: sink,
    LEADKEEP_DATA: join(folder, "data"),
    LEADKEEP_SCHEDULE: Array(50).fill("100ms").join(","),
    LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
    LEADKEEP_LOG_LEVEL: "silent",
    LEADKEEP_ALERT_EMAIL: "none",
    TRUST_PROXY: "1",
    OVERLOAD_PROBE: probeFile,
    OVERLOAD_SLOW_DISK: slowDisk,
    NODE_OPTIONS: preloaded.join(" "),
  };
}

/** Takes every lead, and writes down which. In a process of its own, so that what it costs can be kept from the gateway. */
async function startSink(file: string) {
  const child = spawn(process.execPath, ["--no-warnings", fileURLToPath(new URL("sink.ts", import.meta.url)), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const url = String(line).trim();
  return {
    url,
    pid: child.pid ?? 0,
    count: async () => Number(await (await fetch(url)).text()),
    async end(): Promise<void> {
      child.kill("SIGTERM");
      await exited;
    },
  };
}

async function runGenerator(task: GeneratorTask, started: (pid: number) => void): Promise<Generated> {
  const script = fileURLToPath(new URL("generator.ts", import.meta.url));
  const child = spawn(process.execPath, ["--no-warnings", script, JSON.stringify(task)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  started(child.pid ?? 0);
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`the generator ended with ${code}`);
  return JSON.parse(printed) as Generated;
}

async function waiting(ledger: Ledger): Promise<number> {
  const open = (await ledger.backlog()).filter(({ state }) => state === "pending" || state === "claimed");
  return open.reduce((sum, { count }) => sum + count, 0);
}

async function fateOf(ledger: Ledger, files: readonly string[], receivedFile: string): Promise<Fate> {
  const received = new Map<string, number>();
  for await (const id of linesOf(receivedFile)) received.set(id, (received.get(id) ?? 0) + 1);
  const fate = {
    accepted: 0,
    lost: [] as string[],
    undelivered: [] as string[],
    doubled: [] as string[],
    unanswered: 0,
  };
  for (const file of files) {
    for await (const id of linesOf(file)) {
      fate.accepted += 1;
      const count = received.get(id) ?? 0;
      received.delete(id);
      if (count === 1) continue;
      const record = isLeadId(id) ? await ledger.findLead(id) : null;
      const delivery = record?.deliveries[0];
      if (!record) fate.lost.push(id);
      else if (count === 0) fate.undelivered.push(`${id}: ${record.lead.state}, ${delivery?.state}`);
      else if (delivery && count > delivery.attempts)
        fate.doubled.push(`${id}: ${count} times, ${delivery.attempts} attempts`);
    }
  }
  return { ...fate, unanswered: received.size };
}

function linesOf(file: string): AsyncIterable<string> {
  return createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
}
