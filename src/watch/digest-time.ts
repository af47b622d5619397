/** When the weekly digest is sent: `weekday` from 0 (Sunday), minutes after midnight, by the clock on this machine's wall. */
export type DigestTime = { weekday: number; minutes: number };

const weekMs = 7 * 86_400_000;
/** One that is later than this, since nothing ran, is not sent any more. */
const latestMs = 2 * 86_400_000;

/**
 * The period a digest is due for, and until when digests have told then. Null for the period when none is due. The first look only
 * notes the time: there is no week to tell of yet.
 */
export function dueDigest(
  time: DigestTime,
  digestAt: number | null,
  now: number,
): { period: { since: number; until: number } | null; digestAt: number } {
  if (digestAt === null || digestAt > now) return { period: null, digestAt: now };
  const until = lastBefore(time, now);
  if (until <= digestAt) return { period: null, digestAt };
  return { period: now - until > latestMs ? null : { since: until - weekMs, until }, digestAt: now };
}

function lastBefore({ weekday, minutes }: DigestTime, now: number): number {
  const date = new Date(now);
  date.setDate(date.getDate() - ((date.getDay() - weekday + 7) % 7));
  date.setHours(0, minutes, 0, 0);
  if (date.getTime() > now) date.setDate(date.getDate() - 7);
  return date.getTime();
}
