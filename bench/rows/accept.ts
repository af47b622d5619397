import autocannon from "autocannon";
import { submission } from "../support/a-submission.ts";
import { aFolder, command, startGateway, startScript } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";

const allConnections = 64;
/** Three destinations. Nobody listens there; the lanes are paused, so that the row measures intake and the ledger alone. */
export const variables = {
  ZAPIER_WEBHOOK_URL: "http://127.0.0.1:9/zapier",
  MAKE_WEBHOOK_URL: "http://127.0.0.1:9/make",
  CRM_WEBHOOK_URL: "http://127.0.0.1:9/crm",
};

/** Accepted leads a second, durable on SQLite with three deliveries each, and the latency of the slowest hundredth. */
export async function acceptRows(rounds: number, seconds: number): Promise<Row[]> {
  const { folder, remove } = aFolder();
  const echo = await startScript("echo-server.ts");
  const gateway = await startGateway({ folder, variables });
  for (const destination of ["zapier", "make", "webhook"]) await command(folder, variables, "pause", destination);
  const ours: Load[] = [];
  const bare: Load[] = [];
  await load(`${echo.url}/`, 2);
  await load(`${gateway.url}/f/contact`, 2);
  for (let i = 0; i < rounds; i++) {
    bare.push(await load(`${echo.url}/`, seconds));
    ours.push(await load(`${gateway.url}/f/contact`, seconds));
  }
  await Promise.all([gateway.stop(), echo.stop()]);
  remove();
  return [
    rowOf("accept, durable, SQLite, 3 destinations, 64 connections", "leads/s", ours, bare, (l) => l.rate, {
      atLeast: 0.7,
    }),
    rowOf("… p99", "ms", ours, bare, (l) => l.p99, { atMost: 2 }),
  ];
}

export type Load = { rate: number; p99: number };

/** Posts without a pause over all connections. @throws when any answer is not a 2xx */
export async function load(url: string, seconds: number, connections = allConnections): Promise<Load> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(submission),
  });
  const refused = result.non2xx + result.errors + result.timeouts;
  if (refused > 0) throw new Error(`${refused} requests to ${url} were not answered 2xx`);
  return { rate: result["2xx"] / result.duration, p99: result.latency.p99 };
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
    ratio: figureOf(ours.map((load, i) => read(load) / read(bare[i] ?? load))),
    target,
  };
}
