import autocannon from "autocannon";
import { type Body, bodies } from "../support/a-submission.ts";
import { aFolder, command, startGateway, startScript } from "../support/processes.ts";
import { tellRound } from "../support/progress.ts";
import type { Row } from "../support/row.ts";
import { figureOf, ratioOf } from "../support/statistics.ts";

/** The load of the row that design and documents speak of. */
const usual = { connections: 64, body: "JSON" } as const;
const allConnections = [1, 64, 512];
/** Three destinations. Nobody listens there; the lanes are paused, so that the row measures intake and the ledger alone. */
export const variables = {
  ZAPIER_WEBHOOK_URL: "http://127.0.0.1:9/zapier",
  MAKE_WEBHOOK_URL: "http://127.0.0.1:9/make",
  CRM_WEBHOOK_URL: "http://127.0.0.1:9/crm",
};

/** How long a load is measured, and how often. */
export type Effort = { rounds: number; seconds: number };

/**
 * Accepted leads a second, durable on SQLite with three deliveries each, and the latency of the slowest hundredth: of the usual
 * load, and of every other number of connections and kind of body with less effort.
 */
export async function acceptRows(forUsual: Effort, forOthers: Effort): Promise<Row[]> {
  const { folder, remove } = aFolder();
  const echo = await startScript("echo-server.ts");
  const gateway = await startGateway({ folder, variables });
  for (const destination of ["zapier", "make", "webhook"]) await command(folder, variables, "pause", destination);
  const rows: Row[] = [];
  for (const [body, sent] of Object.entries(bodies)) {
    for (const connections of allConnections) {
      const isUsual = body === usual.body && connections === usual.connections;
      const what = `${connections} connection${connections === 1 ? "" : "s"}, ${body}`;
      const loads = await loadsInTurn(what, isUsual ? forUsual : forOthers, {
        ours: (seconds) => loadOrCrowd(`${gateway.url}/f/contact`, seconds, connections, sent),
        bare: (seconds) => load(`${echo.url}/`, seconds, connections, sent),
      });
      if (isUsual) rows.unshift(...usualRows(loads));
      rows.push(...cellsOf(loads, body, connections));
    }
  }
  await Promise.all([gateway.stop(), echo.stop()]);
  remove();
  return rows;
}

type Loads = { ours: CrowdedLoad[]; bare: Load[] };

async function loadsInTurn(
  what: string,
  { rounds, seconds }: Effort,
  by: { ours(seconds: number): Promise<CrowdedLoad>; bare(seconds: number): Promise<Load> },
): Promise<Loads> {
  const loads: Loads = { ours: [], bare: [] };
  await by.bare(1);
  await by.ours(1);
  for (let i = 0; i < rounds; i++) {
    tellRound(what, i, rounds);
    loads.bare.push(await by.bare(seconds));
    loads.ours.push(await by.ours(seconds));
  }
  return loads;
}

/** The rows of design.md. */
function usualRows({ ours, bare }: Loads): Row[] {
  const name = "accept, durable, SQLite, 3 destinations, 64 connections";
  return [
    rowOf(name, "leads/s", ours, bare, (l) => l.rate, { atLeast: 0.7 }),
    rowOf("… p99", "ms", ours, bare, (l) => l.p99, { atMost: 2 }),
  ];
}

function cellsOf({ ours, bare }: Loads, body: string, connections: number): Row[] {
  const at = `${connections} connection${connections === 1 ? "" : "s"}`;
  const rate = rowOf(`accept, ${body}, ${at}`, "leads/s", ours, bare, (l) => l.rate, null);
  const slowest = rowOf(`accept, ${body}, ${at}: p99`, "ms", ours, bare, (l) => l.p99, null);
  const told = ours.map((one) => one.refused * 100);
  const crowded: Row = {
    name: `accept, ${body}, ${at}: told to come again`,
    unit: "%",
    ours: figureOf(told),
    baseline: null,
    ratio: null,
    target: null,
    cell: { of: `${body}, % of answers that told a crowd to come again`, at },
  };
  return [
    { ...rate, cell: { of: `${body}, leads/s`, at } },
    { ...slowest, cell: { of: `${body}, p99, ms`, at } },
    ...(told.some((share) => share > 0) ? [crowded] : []),
  ];
}

/** `rate`: answers a second that took the lead; `p99`: milliseconds. */
export type Load = { rate: number; p99: number };
/** `refused`: the share of all answers that were refusals. */
type CrowdedLoad = Load & { refused: number };

/** Posts without a pause over all connections, several bodies in turn; refusals of a crowd are part of the result. @throws on other trouble */
export async function loadOrCrowd(
  url: string,
  seconds: number,
  connections: number = usual.connections,
  sent: Body | readonly Body[] = bodies.JSON,
): Promise<CrowdedLoad> {
  const requests = [sent].flat().map((one) => ({ ...one, method: "POST" as const }));
  const result = await autocannon({ url, connections, duration: seconds, requests });
  const taken = result["2xx"] + result["3xx"];
  const crowded = (result.statusCodeStats?.["503"]?.count ?? 0) + (result.statusCodeStats?.["429"]?.count ?? 0);
  const wrong = result["4xx"] + result["5xx"] - crowded + result.errors + result.timeouts;
  if (wrong > 0)
    throw new Error(`${wrong} requests to ${url} were answered neither 2xx nor 3xx, nor told to come again`);
  const refused = crowded / (taken + crowded);
  // Latencies come in whole milliseconds: less than one is taken for one, so that there is a ratio.
  return { rate: taken / result.duration, p99: Math.max(1, result.latency.p99), refused };
}

/** The same where nobody may be refused. @throws when any answer is not a 2xx, or the redirection a browser gets */
export async function load(...what: Parameters<typeof loadOrCrowd>): Promise<Load> {
  const found = await loadOrCrowd(...what);
  if (found.refused > 0)
    throw new Error(`${(found.refused * 100).toFixed(1)} % of the answers of ${what[0]} were refusals`);
  return found;
}

/** A row of loads against loads of the same rounds. */
export function rowOf(
  name: string,
  unit: string,
  ours: readonly Load[],
  bare: readonly Load[],
  read: (load: Load) => number,
  target: Row["target"],
): Row {
  return {
    name,
    unit,
    ours: figureOf(ours.map(read)),
    baseline: { name: "bare node:http echo", figure: figureOf(bare.map(read)) },
    ratio: ratioOf(ours.map(read), bare.map(read)),
    target,
  };
}
