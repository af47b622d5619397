import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { listOf, settled } from "../crash/crash.ts";
import { judge, type Verdict } from "../crash/judge.ts";
import { startLoad } from "../crash/load.ts";
import { aFreePort } from "../crash/program.ts";
import { seeded } from "../crash/seeded.ts";
import { startWeather } from "../crash/weather.ts";
import { startPostgres } from "../support/postgres-server.ts";
import { createDisruptions, type DisruptionKind, disruptionKinds } from "./disruptions.ts";
import { judgeSteps, type StepsVerdict, withFormAnswers } from "./judge.ts";
import { type Machine, startMachine } from "./machine.ts";
import { callWitness } from "./witness.ts";

export type ChaosOptions = {
  /** How long disruptions go on. At least once each of them comes. */
  stormMs: number;
  /** Mean time between two of them. */
  everyMs: number;
  /** New leads a second. */
  leadsPerSecond: number;
  /** How long a frozen gateway stands still. A lease lasts 25.5 s by the clock of whoever gave it. */
  freezeMs: number;
  /** How far the gateways' clocks are ahead; the last one's is set from one to the next of several. */
  clocksMs: readonly (readonly number[])[];
  /** Chooses faults and moments; what the machine makes of them differs from run to run. */
  seed: number;
  /** Told how far it is. */
  log(line: string): void;
};

export type ChaosReport = Verdict &
  StepsVerdict & {
    disruptions: ReadonlyMap<DisruptionKind, number>;
    posts: number;
    cutOff: number;
    putOff: number;
    /** Accepted leads that came as a browser's form does and were answered 303. */
    forms: number;
    strange: readonly string[];
    /** Leads whose sender never got an answer it could be glad of. */
    unanswered: string[];
    /** Deliveries that neither arrived nor are anywhere a person sees them. */
    unsettled: string[];
    /** Gateways that ended though nobody told them to, or badly when they were told. */
    crashes: string[];
    starts: number;
    refusedStarts: number;
    /** Late results that were turned away. */
    fenced: number;
    tookMs: number;
  };

/** What happens to one in a round: the more frequent the lighter. */
const round: readonly DisruptionKind[] = [
  ...disruptionKinds,
  "gateway killed",
  "gateway killed",
  "connections cut",
  "connections cut after COMMIT",
];
const concurrency = 8;

/**
 * Four gateways, one Postgres, and everything that can happen between them, under load, while the destinations fail in every way
 * they can. Then lets all of it finish, and compares what senders were told, what is on record, what arrived, and what the
 * database has seen.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { stormMs, everyMs, leadsPerSecond, freezeMs, clocksMs, seed, log } = options;
  const startedAt = performance.now();
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-chaos-"));
  const postgres = await startPostgres("fsync=on");
  const sandbox = await startSandbox({ random: seeded(seed + 1) });
  const calm = startWeather(sandbox, seeded(seed + 2));
  const machines = await startMachines({ folder, clocksMs, sandbox, database: postgres.url });
  const ends: (() => Promise<void> | void)[] = [];

  try {
    await Promise.all(machines.map((machine) => machine.answers()));
    const witness = await callWitness(postgres.url);
    ends.push(witness.close);
    const load = startLoad(
      machines.map(({ url }) => url),
      { concurrency, random: seeded(seed + 3), forms: 0.25, restMs: 150, longestWaitMs: 400, answerWithinMs: 3_000 },
    );
    ends.push(load.close);
    const offering = setInterval(() => load.offer(1), 1_000 / leadsPerSecond);
    ends.push(() => clearInterval(offering));

    const disruptions = createDisruptions({ machines, postgres, random: seeded(seed + 4), freezeMs });
    const until = performance.now() + stormMs;
    const isOver = () => performance.now() > until && disruptionKinds.every((kind) => disruptions.done.has(kind));
    for (let deck: DisruptionKind[] = []; !isOver(); ) {
      if (deck.length === 0) deck = shuffled(disruptions.done.size === 0 ? disruptionKinds : round, random);
      const kind = deck.pop();
      if (!kind) break;
      await disruptions.begin(kind);
      log(`${seconds(startedAt)} s: ${kind}; ${load.sent.length} leads sent`);
      await pause(2 * random() * everyMs);
    }
    await disruptions.over();

    log(`${seconds(startedAt)} s: replacing each gateway in order, under load`);
    const disorderly: string[] = [];
    for (const machine of machines) {
      await machine.answers();
      disorderly.push(...[await machine.stop()].filter((end) => end !== null));
      await machine.answers();
    }
    clearInterval(offering);
    await load.finish();
    calm();
    const ledger = await openPostgresLedger({ url: postgres.url });
    ends.push(() => ledger.close());
    await settled(ledger, (line) => log(`${seconds(startedAt)} s: ${line}`));
    const records = await listOf(ledger);
    const sent = withFormAnswers(load.sent, records);
    const hooks = hooksOf(sandbox);
    return {
      ...judge(sent, records, hooks),
      ...judgeSteps(await witness.steps(), await witness.rewritten(), records, hooks),
      disruptions: disruptions.done,
      posts: load.posts,
      cutOff: load.cutOff,
      putOff: load.putOff,
      strange: load.strange,
      forms: sent.filter(({ asForm, thanked }) => asForm && thanked).length,
      unanswered: sent.filter(({ thanked }) => !thanked).map(({ key }) => `${key} was never answered`),
      unsettled: records.flatMap(({ deliveries }) =>
        deliveries
          .filter(({ state }) => state === "pending" || state === "claimed")
          .map(({ id, state }) => `${id} is still ${state}`),
      ),
      crashes: [...machines.flatMap(({ crashes }) => crashes), ...disorderly],
      starts: sumOf(machines, "starts"),
      refusedStarts: sumOf(machines, "refused"),
      fenced: sumOf(machines, "fenced"),
      tookMs: performance.now() - startedAt,
    };
  } finally {
    calm();
    for (const end of ends.toReversed()) await end();
    await Promise.all(machines.map((machine) => machine.close()));
    await sandbox.close();
    await postgres.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Everything the report holds that must not be. */
export function brokenPromises(report: ChaosReport): string[] {
  const { lost, confused, unexplained, unwritten, strange, unanswered, unsettled, crashes } = report;
  const { twoAtOnce, overwritten, unexplainedLate } = report;
  return [
    ...[...lost, ...confused, ...unexplained, ...unwritten, ...strange, ...unanswered, ...unsettled, ...crashes],
    ...[...twoAtOnce, ...overwritten, ...unexplainedLate],
  ];
}

type MachinesOptions = Pick<ChaosOptions, "clocksMs"> & {
  folder: string;
  sandbox: Sandbox;
  database: string;
};

async function startMachines(options: MachinesOptions): Promise<Machine[]> {
  const { folder, clocksMs, sandbox, database } = options;
  const machines: Machine[] = [];
  for (const [i, clockMs] of clocksMs.entries()) {
    const name = `gateway ${i + 1}`;
    const machine = await startMachine({
      name,
      folder: join(folder, String(i + 1)),
      port: await aFreePort(),
      config: configFor(sandbox),
      variables: {
        LEADKEEP_SECRET: "the-same-on-every-machine",
        LEADKEEP_DATABASE_CONNECTIONS: "5",
        LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
        LEADKEEP_LOG_LEVEL: "warn",
        NODE_COMPILE_CACHE: join(folder, "compiled"),
      },
      database,
      clockMs,
    });
    machines.push(machine);
  }
  return machines;
}

/** The receivers that can only be told, so that every repeat on the wire can be counted. */
function hooksOf({ vendors: { zapier, make, webhook } }: Sandbox) {
  return [zapier, make, webhook];
}

/** One destination as it comes, one with a single writer, one without a pace; many short waits, so that nothing dies by design. */
function configFor({ vendors }: Sandbox): string {
  const index = new URL("../../src/index.ts", import.meta.url).href;
  const patience = `timeoutMs: 500, schedule: ${JSON.stringify(Array(50).fill(100))}`;
  return `import { defineConfig, make, webhook, zapier } from ${JSON.stringify(index)};
export default defineConfig({
  destinations: {
    zapier: zapier({ url: ${JSON.stringify(vendors.zapier.url)}, ${patience} }),
    make: make({ url: ${JSON.stringify(vendors.make.url)}, concurrency: 1, ${patience} }),
    webhook: webhook({ url: ${JSON.stringify(vendors.webhook.url)}, ${patience} }),
  },
});
`;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

function sumOf(machines: readonly Machine[], figure: keyof Machine["figures"]): number {
  return machines.reduce((sum, { figures }) => sum + figures[figure], 0);
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1_000);
}
