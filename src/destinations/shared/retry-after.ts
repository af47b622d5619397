/**
 * Milliseconds to wait as asked by a `Retry-After` header, in seconds or as a date (RFC 9110 §10.2.3);
 * undefined when it is absent or nonsense, 0 when the date is past.
 */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const text = header.trim();
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  // A date has letters in it; Date.parse alone would take "-5" or "1.5" for years.
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
