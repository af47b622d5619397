/** Asks again and again until there is an answer. @throws when there is none within `limitMs`, with what was last seen. */
export async function until<T>(
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  limitMs = 15_000,
): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`nothing came within ${limitMs} ms: ${look}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
