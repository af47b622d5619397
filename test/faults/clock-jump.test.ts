import { expect, test } from "vitest";
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

async function settledAmong({ records }: FaultyProgram): Promise<number> {
  const all = [...(await records()).values()].flatMap(({ deliveries }) => deliveries);
  return all.filter(({ state }) => state === "delivered").length;
}
