import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { submission } from "../support/a-submission.ts";
import { keptLedger } from "../support/kept-ledgers.ts";
import { aFolder, freePort, program } from "../support/processes.ts";
import { tellRound } from "../support/progress.ts";
import type { Row } from "../support/row.ts";
import { figureOf, ratioOf } from "../support/statistics.ts";

/** From the start of the process to the first accepted lead: on a ledger that exists, in an empty folder, and on full ledgers. */
export async function startRows(rounds: number, sizes: readonly number[]): Promise<Row[]> {
  const { folder, remove } = aFolder();
  const bare: number[] = [];
  const warm: number[] = [];
  const cold: number[] = [];
  const full = new Map<number, number[]>(sizes.map((leads) => [leads, []]));
  await startToFirstLead(folder);
  for (let i = 0; i < rounds; i++) {
    tellRound("starts", i, rounds);
    bare.push(await emptyProcess());
    warm.push(await startToFirstLead(folder));
    const empty = aFolder();
    cold.push(await startToFirstLead(empty.folder));
    empty.remove();
    for (const [leads, times] of full) times.push(await startToFirstLead(folder, await keptLedger(leads)));
  }
  remove();
  const name = "leadkeep start → first accepted lead";
  return [
    rowOf(name, warm, bare),
    rowOf(`${name}, empty folder`, cold, bare),
    ...[...full].map(([leads, times]) => rowOf(`${name}, ${leads.toLocaleString("en")} leads kept`, times, bare)),
  ];
}

function rowOf(name: string, ours: readonly number[], bare: readonly number[]): Row {
  return {
    name,
    unit: "ms",
    ours: figureOf(ours),
    baseline: { name: "node -e 0", figure: figureOf(bare) },
    ratio: ratioOf(ours, bare),
    target: { atMost: 10 },
  };
}

async function emptyProcess(): Promise<number> {
  const begun = performance.now();
  await once(spawn(process.execPath, ["-e", "0"]), "exit");
  return performance.now() - begun;
}

async function startToFirstLead(folder: string, data?: string): Promise<number> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, [program, "start"], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      CRM_WEBHOOK_URL: "http://127.0.0.1:9/",
      LEADKEEP_LOG_LEVEL: "silent",
      ...(data === undefined ? {} : { LEADKEEP_DATA: data }),
    },
    stdio: "ignore",
  });
  while (!(await isAccepted(port))) await new Promise((resolve) => setTimeout(resolve, 2));
  const took = performance.now() - begun;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await exited;
  return took;
}

function isAccepted(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const post = request({
      host: "127.0.0.1",
      port,
      path: "/f/contact",
      method: "POST",
      headers: { "content-type": "application/json" },
    });
    post.on("response", (response) => {
      response.resume();
      resolve(response.statusCode === 202);
    });
    post.on("error", () => resolve(false));
    post.end(JSON.stringify(submission));
  });
}
