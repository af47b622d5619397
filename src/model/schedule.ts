/** Waits between attempts, in milliseconds. The first attempt is made at once; `n` waits allow `n + 1` tries. */
export type Schedule = readonly number[];

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const duration = /^(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)$/;

/** At once, then these: twelve tries over about three days. */
export const defaultSchedule: Schedule = parseSchedule("5s,30s,2m,10m,30m,1h,3h,6h,12h,24h,24h");

/** The longest wait a destination may ask for with `Retry-After`: 24 hours. */
export const longestWaitMs = 86_400_000;

/** Milliseconds in a duration such as `10s`, `2m` or `250ms`. @throws {RangeError} when it is not one. */
export function parseDuration(text: string): number {
  const [, amount, unit] = duration.exec(text.trim().toLowerCase()) ?? [];
  const factor = unit && unitMs[unit];
  const ms = amount && factor ? Math.round(Number(amount) * factor) : Number.NaN;
  if (!Number.isSafeInteger(ms))
    throw new RangeError(`"${text.trim()}" is not a duration such as 500ms, 5s, 2m, 1h or 1d.`);
  return ms;
}

/** The waits in a comma-separated list such as `5s,30s,2m`. @throws {RangeError} when an entry is not a duration. */
export function parseSchedule(text: string): Schedule {
  return text.split(",").map(parseDuration);
}

/** The whole time a schedule spans, without jitter. */
export function spanOf(schedule: Schedule): number {
  return schedule.reduce((sum, wait) => sum + wait, 0);
}
