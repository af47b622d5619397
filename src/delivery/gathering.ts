/** Without another one for so many turns of the event loop, what has come is seen to. */
const quietTurns = 2;
/** A steady stream is not waited out for longer than this many turns. */
const mostTurns = 16;

/**
 * Lets things that come in quick succession be seen to together. It waits for as long as there is something else to do
 * anyway: while nothing comes, the next turn of the event loop is at once. `isLast`: nothing more can come, so nothing is waited for.
 */
export function createGathering({ isLast, seeTo }: { isLast(): boolean; seeTo(): void }) {
  let came = 0;
  let waiting: NodeJS.Immediate | undefined;

  function wait(quiet: number, turns: number): void {
    const seen = came;
    waiting = setImmediate(() => {
      const quietNow = came === seen ? quiet + 1 : 0;
      if (quietNow >= quietTurns || turns >= mostTurns || isLast()) end();
      else wait(quietNow, turns + 1);
    });
  }

  function end(): void {
    clearImmediate(waiting);
    waiting = undefined;
    seeTo();
  }

  return {
    /** One more has come. */
    add(): void {
      came += 1;
      if (isLast()) end();
      else if (!waiting) wait(0, 1);
    },
    /** Sees to what has come, without waiting for more. */
    end,
  };
}
