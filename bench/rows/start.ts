import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { submission } from "../support/a-submission.ts";
import { aFolder, freePort, program } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";

/** From the start of the process to the first accepted lead, on a ledger that exists. */
export async function startRow(rounds: number): Promise<Row> {
  const { folder, remove } = aFolder();
  const ours: number[] = [];
  const bare: number[] = [];
  await startToFirstLead(folder);
  for (let i = 0; i < rounds; i++) {
    bare.push(await emptyProcess());
    ours.push(await startToFirstLead(folder));
  }
  remove();
  return {
    name: "leadkeep start → first accepted lead",
    unit: "ms",
    ours: figureOf(ours),
    baseline: { name: "node -e 0", figure: figureOf(bare) },
    ratio: figureOf(ours.map((ms, i) => ms / (bare[i] ?? ms))),
    target: { atMost: 10 },
  };
}

async function emptyProcess(): Promise<number> {
  const begun = performance.now();
  await once(spawn(process.execPath, ["-e", "0"]), "exit");
  return performance.now() - begun;
}

async function startToFirstLead(folder: string): Promise<number> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, [program, "start"], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      CRM_WEBHOOK_URL: "http://127.0.0.1:9/",
      LEADKEEP_LOG_LEVEL: "silent",
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
