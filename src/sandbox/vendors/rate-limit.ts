/** Lets `limit` requests through in any `windowMs` and refuses the rest, which do not count. */
export function rateLimit(limit: number, windowMs: number, now: () => number): () => boolean {
  let passed: number[] = [];
  return () => {
    const time = now();
    passed = passed.filter((at) => time - at < windowMs);
    if (passed.length >= limit) return false;
    passed.push(time);
    return true;
  };
}
