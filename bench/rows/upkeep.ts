import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { submission } from "../support/a-submission.ts";
import { copyOfKeptLedger } from "../support/kept-ledgers.ts";
import { aFolder, command, type Running, startGateway } from "../support/processes.ts";
import { tellRound } from "../support/progress.ts";
import type { Row } from "../support/row.ts";
import { figureOf, p99, ratioOf } from "../support/statistics.ts";
import { type SteadyIntake, startIntake } from "../support/steady-intake.ts";
import { variables } from "./accept.ts";

const perSecond = 200;
const token = "the-token-of-the-bench-0123456789";
/** A ledger made by `fillLedger` reaches so far back. */
const spanDays = 90;
/** What each round of retention ends, of all that the ledger has. */
const endedDays = 2;

/**
 * How long submissions take while old leads end by retention (`leadkeep retention`, another process) and while a person is erased
 * (by the API, in the gateway), against the seconds before: the slowest hundredth of a steady intake.
 */
export async function upkeepRows(leads: number, rounds: number, beforeMs: number): Promise<Row[]> {
  const site = aFolder();
  const ledger = await copyOfKeptLedger(leads);
  const all = { ...variables, LEADKEEP_DATA: ledger.folder, LEADKEEP_API_TOKEN: token, LEADKEEP_LOG_LEVEL: "error" };
  const gateway = await startGateway({ folder: site.folder, variables: all });
  try {
    for (const destination of ["zapier", "make", "webhook"]) await command(site.folder, all, "pause", destination);
    const intake = startIntake(`${gateway.url}/f/contact`, perSecond);
    const rows = [
      rowOf(
        "retention",
        leads,
        await compared("retention", { intake, rounds, beforeMs }, (round) => retain(site.folder, all, round)),
      ),
      rowOf(
        "erasing a person",
        leads,
        await compared("erasing", { intake, rounds, beforeMs }, (round) => erase(gateway, round)),
      ),
    ];
    await intake.stop();
    return rows;
  } finally {
    await gateway.stop();
    site.remove();
    ledger.remove();
  }
}

type Compared = { before: number[]; during: number[]; longest: number[]; tookMs: number[] };

async function compared(
  what: string,
  { intake, rounds, beforeMs }: { intake: SteadyIntake; rounds: number; beforeMs: number },
  work: (round: number) => Promise<void>,
): Promise<Compared> {
  const seen: Compared = { before: [], during: [], longest: [], tookMs: [] };
  for (let round = 0; round < rounds; round++) {
    tellRound(what, round, rounds);
    await wait(500);
    intake.take();
    await wait(beforeMs);
    seen.before.push(p99(intake.take()));
    const begun = performance.now();
    await work(round);
    seen.tookMs.push(performance.now() - begun);
    const during = intake.take();
    seen.during.push(p99(during));
    seen.longest.push(Math.max(...during));
  }
  return seen;
}

function rowOf(what: string, leads: number, { before, during, longest, tookMs }: Compared): Row {
  const [slowest, seconds] = [figureOf(longest).median, figureOf(tookMs).median / 1_000];
  return {
    name: `intake's p99 during ${what}, ${leads.toLocaleString("en")} leads`,
    unit: "ms",
    ours: figureOf(during),
    baseline: { name: "before", figure: figureOf(before) },
    ratio: ratioOf(during, before),
    target: null,
    note: `${perSecond} submissions a second; the longest wait during it ${slowest.toFixed(0)} ms; it took ${seconds.toFixed(1)} s`,
  };
}

/** Ends the oldest leads left; the command has a configuration of its own. */
async function retain(folder: string, all: Record<string, string>, round: number): Promise<void> {
  const days = spanDays - endedDays * (round + 1);
  const config = join(folder, "leadkeep.config.mjs");
  const index = new URL("../../dist/index.js", import.meta.url).href;
  writeFileSync(
    config,
    `import { defineConfig } from ${JSON.stringify(index)};\nexport default defineConfig({ retention: { leads: "${days}d" } });\n`,
  );
  await command(folder, all, "retention");
}

/** Somebody who has just written is erased. */
async function erase({ url }: Running, round: number): Promise<void> {
  const email = `erased${round}@example.com`;
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const post = async (path: string, body: object): Promise<void> => {
    const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    await response.text();
  };
  await post("/f/contact", { ...submission, email });
  await post("/api/v1/subjects/erase", { identifier: email, confirm: email });
}
