import { join } from "node:path";
import { aPlace, type Candidate, ours, oursOnPostgres, peersIn, startCandidate } from "../peers/measure/candidates.ts";
import { installPeers } from "../peers/measure/install.ts";
import { loadFromMany } from "../peers/measure/load.ts";
import { type Losses, lossesOf, type Trouble, troubles } from "../peers/measure/losses.ts";
import { startHttpSink, startMailSink } from "../peers/measure/sink.ts";
import { aBenchPostgres, type BenchPostgres } from "../support/a-bench-postgres.ts";
import { cpuSecondsOf } from "../support/cpu.ts";
import { aFolder, startScript } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf, median } from "../support/statistics.ts";

/** One round of load: what was accepted a second, what of it was delivered meanwhile, and milliseconds of processor for each. */
type Round = { accepted: number; delivered: number; cpuMs: number };

/** Losses are looked for at so many candidates at the same time; nothing is timed then. */
const atOnce = 4;

/**
 * What a site owner would otherwise put behind a form, beside Leadkeep in the same rounds: submissions accepted a second while they are
 * delivered to one destination, and what is lost and delivered twice when the process is killed. `rounds` 0: the losses alone.
 */
export async function peerRows(rounds: number, seconds: number): Promise<Row[]> {
  const peers = peersIn(installPeers());
  const candidates = [ours, oursOnPostgres, ...peers];
  const postgres = await aBenchPostgres();
  try {
    const measured = await roundsOf(candidates, postgres, rounds, seconds);
    const losses = await allLosses(candidates, postgres);
    const accepting = rounds > 0 ? peers.map((peer) => acceptRow(peer, measured)) : [];
    return [...accepting, lossRow(candidates, losses)];
  } finally {
    await postgres.remove();
  }
}

function acceptRow(peer: Candidate, measured: ReadonlyMap<Candidate, readonly Round[]>): Row {
  const own = peer.needs === "postgres" ? oursOnPostgres : ours;
  const [mine, theirs] = [measured.get(own) ?? [], measured.get(peer) ?? []];
  const words = (label: string, rounds: readonly Round[]): string =>
    `${label}: ${median(rounds.map(({ cpuMs }) => cpuMs)).toFixed(2)} ms of processor for each accepted, ${Math.round(
      median(rounds.map(({ delivered }) => delivered)),
    )}/s delivered meanwhile`;
  return {
    name: `accept while delivering: ${own.label} against ${peer.label}`,
    unit: "leads/s",
    ours: figureOf(mine.map(({ accepted }) => accepted)),
    baseline: { name: peer.label, figure: figureOf(theirs.map(({ accepted }) => accepted)) },
    ratio: figureOf(mine.map(({ accepted }, i) => accepted / (theirs[i]?.accepted ?? accepted))),
    // Nothing is to be reached here: those that keep nothing may well be faster.
    target: null,
    note: `${words(own.label, mine)}; ${words(peer.label, theirs)}. An accepted one is kept: ${peer.keeps}`,
  };
}

async function roundsOf(
  candidates: readonly Candidate[],
  postgres: BenchPostgres,
  rounds: number,
  seconds: number,
): Promise<Map<Candidate, Round[]>> {
  const measured = new Map<Candidate, Round[]>(candidates.map((candidate) => [candidate, []]));
  for (let i = 0; i < rounds; i++) {
    for (const candidate of candidates) {
      measured.get(candidate)?.push(await oneRound(candidate, postgres, `accept_${i}`, seconds));
    }
  }
  return measured;
}

async function oneRound(candidate: Candidate, postgres: BenchPostgres, name: string, seconds: number): Promise<Round> {
  const isMail = candidate.needs === "mail";
  const sink = await startScript(isMail ? "../peers/measure/mail-sink-server.ts" : "sink-server.ts");
  const [sinkUrl = "", countUrl = sinkUrl] = sink.url.split(" ");
  const { folder, remove } = aFolder();
  const place = await aPlace(folder, sinkUrl, await databaseFor(candidate, postgres, name));
  const running = await startCandidate(candidate, place);
  try {
    await loadFromMany(running.url, 1);
    const before = await countAt(countUrl);
    const used = cpuSecondsOf([running.pid]);
    const rate = await loadFromMany(running.url, seconds);
    const cpuMs = ((cpuSecondsOf([running.pid]) - used) * 1_000) / (rate * seconds);
    return { accepted: rate, delivered: ((await countAt(countUrl)) - before) / seconds, cpuMs };
  } finally {
    await running.kill();
    await sink.stop();
    remove();
  }
}

async function countAt(url: string): Promise<number> {
  return ((await (await fetch(url)).json()) as { count: number }).count;
}

async function databaseFor({ name, needs }: Candidate, postgres: BenchPostgres, use: string): Promise<string> {
  return needs === "postgres" ? postgres.ledger(`${name}_${use}`.replaceAll("-", "_")) : "";
}

type Found = Map<Candidate, Partial<Record<Trouble, Losses>>>;

async function allLosses(candidates: readonly Candidate[], postgres: BenchPostgres): Promise<Found> {
  const found: Found = new Map(candidates.map((candidate) => [candidate, {}]));
  const runs = candidates.flatMap((candidate) => troubles.map((trouble) => ({ candidate, trouble })));
  const one = async (): Promise<void> => {
    for (let next = runs.shift(); next; next = runs.shift()) {
      const { candidate, trouble } = next;
      const losses = await lossesWith(candidate, trouble, postgres);
      Object.assign(found.get(candidate) ?? {}, { [trouble]: losses });
      process.stderr.write(`${candidate.label}, destination ${trouble}: ${JSON.stringify(losses)}\n`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return found;
}

async function lossesWith(candidate: Candidate, trouble: Trouble, postgres: BenchPostgres): Promise<Losses> {
  const sink = await (candidate.needs === "mail" ? startMailSink() : startHttpSink());
  const { folder, remove } = aFolder();
  try {
    const place = await aPlace(
      join(folder, "data"),
      sink.url,
      await databaseFor(candidate, postgres, `loss_${trouble}`),
    );
    return await lossesOf(candidate, place, sink, trouble);
  } finally {
    await sink.close();
    remove();
  }
}

/** Our own losses, of which there may be none; everybody's in the note. */
function lossRow(candidates: readonly Candidate[], found: Found): Row {
  const lost = (candidate: Candidate): number =>
    Object.values(found.get(candidate) ?? {}).reduce((sum, losses) => sum + losses.lost, 0);
  const line = (candidate: Candidate): string => `${candidate.label} ${words(found.get(candidate))}`;
  const heading = `lost, twice (of these under another id) / thanked, with the destination ${troubles.join(", ")}`;
  return {
    name: "lost after kill -9 under load, of those thanked",
    unit: "leads",
    ours: figureOf([lost(ours), lost(oursOnPostgres)]),
    baseline: { name: "the peers", figure: figureOf(candidates.slice(2).map(lost)) },
    ratio: null,
    target: { atMost: 0 },
    note: `${heading}: ${candidates.map(line).join("; ")}`,
  };
}

function words(found: Partial<Record<Trouble, Losses>> = {}): string {
  return troubles
    .flatMap((trouble) => found[trouble] ?? [])
    .map(({ thanked, lost, twice, twiceUntold }) => `${lost}, ${twice} (${twiceUntold}) / ${thanked}`)
    .join(", ");
}

if (import.meta.main) {
  const [rounds = "1", seconds = "3"] = process.argv.slice(2);
  console.log(JSON.stringify(await peerRows(Number(rounds), Number(seconds)), null, 2));
}
