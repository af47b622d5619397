/** Lets one of two threads write at a time, and the other one next when it waits. */
export type Turnstile = {
  /** True when this thread may write now; otherwise it is noted as waiting. */
  take(): boolean;
  /** Resolves when this thread may try again. */
  wait(): Promise<void>;
  /** This thread has written. */
  release(): void;
  /** The other thread is gone, whatever it held. */
  alone(): void;
};

/** What the two threads share. */
export const turnstileBytes = 4;

const holders = 0b11;
/** Should word of the other's release ever be lost, it is looked for this often. */
const lookEveryMs = 50;

/**
 * SQLite lets one connection write and turns the others away without saying when to come again; asking every few milliseconds starves
 * whoever asks less often. Here the one that waits is handed the right by the one that has it.
 */
export function createTurnstile(shared: SharedArrayBuffer, me: 1 | 2): Turnstile {
  const cell = new Int32Array(shared);
  const other = 3 - me;
  const waits = (who: number): number => who << 2;
  let isAlone = false;

  /** Changes the cell in one step, whatever the other thread does meanwhile. Null leaves it. */
  function change(next: (now: number) => number | null): void {
    for (;;) {
      const now = Atomics.load(cell, 0);
      const then = next(now);
      if (then === null || Atomics.compareExchange(cell, 0, now, then) === now) return;
    }
  }

  const holder = (): number => Atomics.load(cell, 0) & holders;

  return {
    take() {
      if (isAlone) return true;
      change((now) => {
        if ((now & holders) === me) return null;
        return (now & holders) === 0 ? now | me : now | waits(me);
      });
      return holder() === me;
    },
    async wait() {
      while (!isAlone) {
        const now = Atomics.load(cell, 0);
        if ((now & holders) !== other) return;
        const waiting = Atomics.waitAsync(cell, 0, now, lookEveryMs);
        if (waiting.async) await waiting.value;
      }
    },
    release() {
      if (isAlone) return;
      change((now) => {
        const isAwaited = (now & waits(other)) !== 0;
        const left = now & ~holders & ~waits(other) & ~waits(me);
        return isAwaited ? left | other : left;
      });
      Atomics.notify(cell, 0);
    },
    alone() {
      isAlone = true;
      Atomics.notify(cell, 0);
    },
  };
}
