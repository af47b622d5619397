import { expect, test } from "vitest";
import { createTogether, type NoteRow, type Together } from "../ledger/together.ts";
import { createSharedPacer } from "./shared-pace.ts";

/** Notes kept in memory, and how often they were asked for. */
function aTogether(): { together: Together; asked(): number } {
  const rows = new Map<string, NoteRow>();
  let asked = 0;
  const together = createTogether("several", async (name, decide) => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 1));
    const row = rows.get(name) ?? null;
    const now = Date.now();
    const { note, answer } = decide(row, now);
    if (note !== null) rows.set(name, { note, version: (row?.version ?? 0) + 1, changedAt: now });
    return answer;
  });
  return { together, asked: () => asked };
}

const monotonic = () => performance.now();
const { signal } = new AbortController();

test("a busy lane asks for many calls at once, not for each", async () => {
  const { together, asked } = aTogether();
  const pacer = createSharedPacer({ limit: 500, intervalMs: 1_000 }, { together, destination: "crm", monotonic });
  let calls = 0;
  const worker = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) {
      await pacer.take(signal);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, worker));
  expect(calls).toBe(240);
  expect(asked()).toBeLessThan(calls / 4);
});

test("two pacers of one bucket never let more out than its limit", async () => {
  const { together } = aTogether();
  const pace = { limit: 30, intervalMs: 500 };
  const calls: number[] = [];
  const pacers = [1, 2].map(() => createSharedPacer(pace, { together, destination: "crm", monotonic }));
  await Promise.all(
    pacers.flatMap((pacer) =>
      Array.from({ length: 30 }, () => pacer.take(signal).then(() => calls.push(performance.now()))),
    ),
  );
  const most = Math.max(...calls.map((from) => calls.filter((at) => at >= from && at < from + pace.intervalMs).length));
  expect(most).toBeLessThanOrEqual(pace.limit);
});

test("what one destination says is left of its limit holds the pacers of all machines", async () => {
  const { together } = aTogether();
  const pace = { limit: 100, intervalMs: 10_000 };
  const [one, two] = [1, 2].map(() => createSharedPacer(pace, { together, destination: "crm", monotonic }));
  await one?.take(signal);
  one?.correct(2);
  await one?.available();
  expect(await two?.available()).toBeLessThanOrEqual(2);
});

test("a call whose time is up leaves the queue", async () => {
  const { together } = aTogether();
  const pacer = createSharedPacer({ limit: 2, intervalMs: 400 }, { together, destination: "crm", monotonic });
  const impatient = new AbortController();
  await pacer.take(signal);
  const given = pacer.take(impatient.signal);
  const next = pacer.take(signal);
  impatient.abort();
  await expect(given).rejects.toThrow();
  await next;
});

test("calls are refused, not let through, when the store cannot be asked", async () => {
  const together = createTogether("several", () => Promise.reject(new Error("gone")));
  const pacer = createSharedPacer({ limit: 2, intervalMs: 400 }, { together, destination: "crm", monotonic });
  await expect(pacer.take(signal)).rejects.toThrow("gone");
});
