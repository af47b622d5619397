/** The thread behind keeper.ts: records new leads over a connection of its own. */
import { parentPort, workerData } from "node:worker_threads";
import { LedgerUnavailable } from "../../model/errors.ts";
import { prepareAcceptance } from "./acceptance.ts";
import type { Arrival } from "./arrival.ts";
import { createCommitQueue } from "./commit-queue.ts";
import type { Answer, Asked, KeeperData, Told } from "./keeper.ts";
import { openAnother } from "./open-database.ts";
import { ownFilesOf } from "./own-file.ts";
import { preparePlans } from "./plans.ts";
import { prepareTallies } from "./tallies.ts";
import { createTurnstile } from "./turnstile.ts";

const { path, shared, patienceMs } = workerData as KeeperData;
const { db, statements } = openAnother(path, (opened) => {
  const plans = preparePlans(opened);
  const tallies = prepareTallies(opened);
  return { plans, tallies, acceptance: prepareAcceptance(opened, { plans, tallies }) };
});
const { plans, tallies, acceptance } = statements;
const files = ownFilesOf(db, path);
const turnstile = createTurnstile(shared, 2);
const { write, close } = createCommitQueue(db, {
  path,
  ...(patienceMs === null ? {} : { patienceMs }),
  beforeCommit() {
    tallies.write();
    files.assertThere();
  },
  rolledBack() {
    plans.forget();
    tallies.forget();
  },
  committed: (writes) => tell({ type: "committed", writes }),
  turnstile: () => turnstile,
});

function tell(told: Told): void {
  parentPort?.postMessage(told);
}

async function keep(arrival: Arrival): Promise<Answer> {
  try {
    return { accepted: await write(() => acceptance.accept(arrival)) };
  } catch (error) {
    if (error instanceof LedgerUnavailable) return { unavailable: error.message };
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

const answering = new Set<Promise<void>>();

async function answer({ n, arrivals }: Asked): Promise<void> {
  tell({ type: "answers", n, answers: await Promise.all(arrivals.map(keep)) });
}

async function finish(): Promise<void> {
  await close();
  await Promise.all(answering);
  db.close();
  tell({ type: "closed" });
}

parentPort?.on("message", (asked: Asked | "close") => {
  if (asked === "close") return void finish();
  const answered = answer(asked);
  answering.add(answered);
  answered.finally(() => answering.delete(answered));
});
tell({ type: "ready" });
