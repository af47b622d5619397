/**
 * Counts per key in a sliding window: the running minute, and of the one before as much as still lies in it. Of the keys, at most
 * `mostKeys` are remembered, the ones counted longest ago forgotten first, so that no flood of addresses fills the memory.
 */
export function createCounts(windowMs: number, mostKeys: number) {
  type Count = { window: number; now: number; before: number };
  const counts = new Map<string, Count>();

  function current(key: string, at: number): Count | null {
    const count = counts.get(key);
    if (!count) return null;
    const window = Math.floor(at / windowMs);
    if (count.window === window) return count;
    return { window, now: 0, before: count.window === window - 1 ? count.now : 0 };
  }

  return {
    /** How many there were within the window that ends now. */
    of(key: string, at: number): number {
      const count = current(key, at);
      if (!count) return 0;
      return count.now + count.before * (1 - (at % windowMs) / windowMs);
    },
    /** Milliseconds until there will be `limit`, if none are added; 0 when there are fewer. */
    waitMs(key: string, at: number, limit: number): number {
      const count = current(key, at);
      if (!count) return 0;
      const passed = at % windowMs;
      // What is of the running window fades only in the next one.
      if (count.now >= limit) return windowMs - passed + windowMs * (1 - limit / count.now);
      return Math.max(0, windowMs * (1 - (limit - count.now) / count.before) - passed);
    },
    add(key: string, at: number): void {
      const count = current(key, at) ?? { window: Math.floor(at / windowMs), now: 0, before: 0 };
      counts.delete(key);
      counts.set(key, { ...count, now: count.now + 1 });
      if (counts.size <= mostKeys) return;
      const [oldest] = counts.keys();
      if (oldest !== undefined) counts.delete(oldest);
    },
    size: () => counts.size,
  };
}
