import type { DateOrder } from "./choices.ts";

const iso = /^(\d{4})-(\d\d?)-(\d\d?)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?$/i;
const dotted = /^(\d\d?)\.(\d\d?)\.(\d{4})(?:,?\s+(\d\d?):(\d\d)(?::(\d\d))?)?$/;
const slashed = /^(\d\d?)\/(\d\d?)\/(\d{4})(?:,?\s+(\d\d?):(\d\d)(?::(\d\d))?(?:\s*([ap])\.?m\.?)?)?$/i;
const epoch = /^\d{9,10}(?:\d{3})?$/;

/**
 * A moment as files have it, in epoch milliseconds: ISO 8601, `31.12.2025 14:05`, seconds or milliseconds since 1970, and dates with
 * slashes when their order is told. Without a zone it is a time of this machine. Null when it is none, or could be two.
 */
export function readTime(text: string, order: DateOrder | undefined): number | null {
  const trimmed = text.trim();
  if (epoch.test(trimmed)) return Number(trimmed) * (trimmed.length > 10 ? 1 : 1_000);
  const inIso = iso.exec(trimmed);
  if (inIso) {
    const [, year, month, day, hour, minute, second, zone] = inIso;
    return moment({ year, month, day, hour, minute, second }, zone);
  }
  const inDots = dotted.exec(trimmed);
  if (inDots) {
    const [, day, month, year, hour, minute, second] = inDots;
    return moment({ year, month, day, hour, minute, second });
  }
  const inSlashes = order && slashed.exec(trimmed);
  if (!inSlashes) return null;
  const [, first, second, year, hour, minute, seconds, half] = inSlashes;
  const [day, month] = order === "dmy" ? [first, second] : [second, first];
  return moment({ year, month, day, hour: half ? inHalves(Number(hour), half) : hour, minute, second: seconds });
}

type Parts = Record<"year" | "month" | "day" | "hour" | "minute" | "second", string | undefined>;

/** Null for what the calendar or the clock does not have, such as 31 April. */
function moment(parts: Parts, zone?: string): number | null {
  const [year = 0, month = 0, day = 0] = [parts.year, parts.month, parts.day].map(Number);
  const [hour = 0, minute = 0, second = 0] = [parts.hour, parts.minute, parts.second].map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const utc = Date.UTC(year, month - 1, day, hour, minute, second);
  const there = new Date(utc);
  if (there.getUTCMonth() !== month - 1 || there.getUTCDate() !== day) return null;
  if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second).getTime();
  return utc - offsetOf(zone);
}

function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(zone) ?? [];
  return sign ? (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000 : 0;
}

/** 12 at noon and midnight alike; more than 12 becomes an hour there is not. */
function inHalves(hour: number, half: string): string {
  if (hour < 1 || hour > 12) return "99";
  return String((hour % 12) + (half.toLowerCase() === "p" ? 12 : 0));
}
