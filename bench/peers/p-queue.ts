/** The longer tutorial: a queue in memory (https://github.com/sindresorhus/p-queue) that limits what goes at once and tries again. */
import PQueue from "p-queue";
import { concurrency, deliver, type Submission, startSite } from "./site.ts";

const waitsMs = [1_000, 2_000, 4_000, 8_000, 16_000];
const queue = new PQueue({ concurrency });

startSite((submission) => {
  queue.add(() => tryToDeliver(submission)).catch((error) => console.error("given up", error));
});

async function tryToDeliver(submission: Submission): Promise<void> {
  for (const waitMs of waitsMs) {
    try {
      return await deliver(submission);
    } catch {
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
  return deliver(submission);
}
