import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/until.ts";
import { aProgram, type FaultyProgram } from "./a-program.ts";
import { aReceiver } from "./a-receiver.ts";

const dayMs = 86_400_000;
const wrongClock = new URL("../chaos/wrong-clock.ts", import.meta.url).href;

test.each([
  ["a day ahead, and back", [0, dayMs, 0]],
  ["a day back, and ahead again", [0, -dayMs, 0]],
])(
  "the clock jumps %s: every lead is kept and delivered, whatever the time is",
  async (_, clocks) => {
    const { port, got } = await aReceiver();
    const program = await aProgram({
      nodeOptions: ["--import", wrongClock],
      variables: { CHAOS_CLOCK_MS: clocks.join(","), CRM_WEBHOOK_URL: `http://127.0.0.1:${port}/` },
    });
    const accepted: (string | null)[] = [];
    for (let jump = 0; jump < clocks.length; jump++) {
      if (jump > 0) {
        process.kill(program.pid, "SIGUSR2");
        await new Promise((heard) => setTimeout(heard, 500));
      }
      for (let i = 0; i < 5; i++) accepted.push((await program.post()).lead);
      await until(
        async () => got.size === accepted.length && (await settledAmong(program)) === accepted.length,
        20_000,
      );
    }
    const records = await program.records();
    for (const lead of accepted) {
      const states = records.get(lead ?? "")?.deliveries.map(({ state }) => state);
      expect(states).toEqual(["delivered"]);
    }
  },
  60_000,
);

test("leads kept while the clock was a day ahead, and not yet tried, go out as soon as there is room once it is set back", async () => {
  const { port, got, letGo } = await aSlowReceiver();
  const program = await aProgram({
    nodeOptions: ["--import", wrongClock],
    variables: { CHAOS_CLOCK_MS: `${dayMs},0`, CRM_WEBHOOK_URL: `http://127.0.0.1:${port}/` },
  });
  for (let i = 0; i < 12; i++) await program.post();
  // Its eight slots are taken, so that four leads wait untried.
  await until(() => got() === 8, 10_000);
  process.kill(program.pid, "SIGUSR2");
  await new Promise((heard) => setTimeout(heard, 500));
  letGo();
  await until(async () => (await settledAmong(program)) === 12, 20_000);
  expect(got()).toBe(12);
}, 60_000);

async function settledAmong({ records }: FaultyProgram): Promise<number> {
  const all = [...(await records()).values()].flatMap(({ deliveries }) => deliveries);
  return all.filter(({ state }) => state === "delivered").length;
}

/** Takes every lead, and answers none before it is let go. `got`: how many requests came. */
async function aSlowReceiver(): Promise<{ port: number; got(): number; letGo(): void }> {
  const { promise, resolve: letGo } = Promise.withResolvers<void>();
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    request.resume();
    request.once("end", () => promise.then(() => response.end()));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, got: () => count, letGo };
}
