/** A clock that goes as the machine's does, and can be moved on. */
export type TestClock = { now(): number; pass(ms: number): void };

export function aClock(): TestClock {
  let passed = 0;
  return {
    now: () => Date.now() + passed,
    pass(ms) {
      passed += ms;
    },
  };
}
