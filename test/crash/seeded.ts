/** Draws numbers from 0 up to, not including, 1: the same ones for the same seed. */
export function seeded(seed: number): () => number {
  // A linear congruential generator; its low bits are poor, so only fractions of the whole range are drawn.
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
