import { expect, test } from "vitest";
import { createWaitingLine } from "./waiting-line.ts";

/** A line in a world whose clock and event loop go on only when told to. */
function aWorld({ longestMs = 1_000, standingMs = 100, most = 10_000, besidesMs = 0 } = {}) {
  let now = 0;
  let next: (() => void)[] = [];
  const done: (() => void)[] = [];
  const line = createWaitingLine(longestMs, {
    standingMs,
    most,
    besidesMs,
    monotonic: () => now,
    nextTurn: (work) => void next.push(work),
    whenDone: (work) => void done.push(work),
  });
  const gone: string[] = [];

  return {
    line,
    /** Whose turn it was, in order. */
    gone,
    pass(ms: number): void {
      now += ms;
    },
    /** Enters; `costMs` goes by when it is its turn. */
    enter(name = "", costMs = 0): () => void {
      const leave = line.enter();
      void line.turn().then(() => {
        now += costMs;
        gone.push(name);
      });
      return leave;
    },
    /** Enters, and is answered when it is its turn, which takes `costMs`. Resolves to how long that was. */
    async visit(costMs: number): Promise<number> {
      const at = now;
      const leave = line.enter();
      await line.turn();
      now += costMs;
      leave();
      return now - at;
    },
    /** One turn of the event loop, which takes `restMs` beside those who go on in it. */
    async turn(restMs = 0): Promise<void> {
      const due = next;
      next = [];
      for (const work of due) {
        work();
        await settle();
        for (const after of done.splice(0)) after();
      }
      now += restMs;
    },
    now: () => now,
  };
}

/** Everything that need not wait has gone on. */
async function settle(): Promise<void> {
  for (let n = 0; n < 5; n++) await null;
}

test("whoever comes alone goes on in the same turn", async () => {
  const { enter, turn, gone, line } = aWorld();
  const leave = enter("one");
  await turn();
  leave();
  expect(gone).toEqual(["one"]);
  expect(line.isLong()).toBe(false);
});

test("everybody's turn comes, in the order they came", async () => {
  const { enter, turn, gone } = aWorld();
  const names = Array.from({ length: 500 }, (_, n) => String(n));
  for (const name of names) enter(name, 1)();
  for (let n = 0; n < 500; n++) await turn();
  expect(gone).toEqual(names);
});

test("only so many go together that a turn of the event loop stays short", async () => {
  const { enter, turn, pass, now } = aWorld();
  for (let n = 0; n < 2_000; n++) enter("", 0.5)();
  for (let n = 0; n < 60; n++) {
    const before = now();
    await turn();
    expect(now() - before).toBeLessThanOrEqual(24);
    pass(1);
  }
});

test("a line is long when the first has no answer for too long, however few there are", async () => {
  const { enter, turn, pass, line } = aWorld({ longestMs: 100 });
  const first = enter();
  await turn();
  pass(80);
  const second = enter();
  await turn();
  pass(40);
  expect(line.isLong()).toBe(true);
  first();
  expect(line.isLong()).toBe(false);
  second();
  pass(1_000);
  expect(line.isLong()).toBe(false);
});

test("answers that take long for another reason make no crowd", async () => {
  const { enter, turn, pass, line } = aWorld({ longestMs: 100, besidesMs: 5_000 });
  enter();
  await turn();
  pass(5_000);
  expect(line.isLong()).toBe(false);
  pass(200);
  expect(line.isLong()).toBe(true);
});

test("a line is long when too many wait", () => {
  const { enter, line } = aWorld({ most: 3 });
  for (let n = 0; n < 3; n++) enter();
  expect(line.isLong()).toBe(true);
});

test("a rush may wait; in a crowd that does not go away nobody is let in to wait for long", async () => {
  const { visit, turn, line, now } = aWorld({ longestMs: 1_000, standingMs: 100 });
  const [rush, crowd]: [number[], number[]] = [[], []];
  let refused = 0;
  // Eight go in a turn of 10 ms, and twice as many come.
  while (now() < 20_000) {
    const waits = now() < 1_000 ? rush : crowd;
    const isLater = now() > 5_000;
    for (let n = 0; n < 16; n++) {
      if (line.isLong()) refused += 1;
      else if (waits === rush || isLater) void visit(1).then((ms) => waits.push(ms));
      else void visit(1);
    }
    await turn(2);
  }
  expect(Math.max(...rush)).toBeGreaterThan(500);
  expect(Math.max(...rush)).toBeLessThan(1_300);
  expect(crowd.length).toBeGreaterThan(5_000);
  expect(Math.max(...crowd)).toBeLessThan(150);
  expect(refused).toBeGreaterThan(5_000);
});

test("when the crowd has gone, the next rush may wait again", async () => {
  const { visit, turn, line } = aWorld({ longestMs: 1_000, standingMs: 100 });
  /** How many are let in before the line is long. */
  function letIn(): number {
    let count = 0;
    for (; count < 5_000 && !line.isLong(); count++) void visit(1);
    return count;
  }
  for (let n = 0; n < 300; n++) {
    letIn();
    await turn(2);
  }
  const inCrowd = letIn();
  for (let n = 0; n < 300; n++) await turn(2);
  expect(letIn()).toBeGreaterThan(3 * inCrowd);
});
