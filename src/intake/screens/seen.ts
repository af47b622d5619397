/** Remembers keys for a while, at most so many: what is oldest is forgotten first. */
export function createSeen(most: number, forMs: number) {
  const until = new Map<string, number>();

  return {
    /** True when it was there already. */
    add(key: string, now: number): boolean {
      if ((until.get(key) ?? 0) > now) return true;
      until.delete(key);
      until.set(key, now + forMs);
      if (until.size > most) forgetOldest();
      return false;
    },
    forget: (key: string): void => void until.delete(key),
    size: () => until.size,
  };

  function forgetOldest(): void {
    const [oldest] = until.keys();
    if (oldest !== undefined) until.delete(oldest);
  }
}
