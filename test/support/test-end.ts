import { AsyncLocalStorage } from "node:async_hooks";
import { aroundEach, onTestFinished, type TestContext } from "vitest";

const tests = new AsyncLocalStorage<TestContext>();

/** Called by a file whose tests run at the same time: what each of them began then ends with it, and not with another one. */
export function tellTestsApart(): void {
  aroundEach((run, context) => tests.run(context, run));
}

/** Calls `end` when the test that is running here is over. Vitest's own hook knows only one test at a time. */
export function atTestEnd(end: () => unknown): void {
  const { onTestFinished: whenFinished } = tests.getStore() ?? { onTestFinished };
  whenFinished(async () => {
    await end();
  });
}
