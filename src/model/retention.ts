/** How long something is kept: calendar months, or days. */
export type Period = { months: number } | { days: number };

/** How long a form's leads and what belongs to them are kept. Null: for ever. */
export type Retention = {
  /** Leads, with everything about them, from the moment they were received. */
  leads: Period | null;
  /** Leads held back as suspected spam. */
  quarantine: Period | null;
  /** The history of deliveries that are over. That they were delivered, and under which id, stays with the lead. */
  attempts: Period | null;
};

/** Retention by form; `byDefault` is for forms that say nothing of their own. */
export type RetentionRules = { byDefault: Retention; forms: ReadonlyMap<string, Retention> };

/** Leads for ever, since only their owner can say for how long they are needed; suspected spam 30 days, attempts 90. */
export const defaultRetention: Retention = { leads: null, quarantine: { days: 30 }, attempts: { days: 90 } };

const written = /^(\d{1,5})\s*(d|day|days|w|week|weeks|months?|mo|y|years?)$/;

/** A period such as `30d`, `6 weeks`, `24 months` or `2 years`; null for `never`. @throws {RangeError} when it is neither. */
export function parsePeriod(text: string): Period | null {
  const plain = text.trim().toLowerCase();
  if (plain === "never") return null;
  const [, amount, unit = ""] = written.exec(plain) ?? [];
  const n = Number(amount);
  if (!(n >= 1)) throw new RangeError(`"${text.trim()}" is not a period such as "30d", "24 months" or "never".`);
  if (unit.startsWith("d")) return { days: n };
  if (unit.startsWith("w")) return { days: 7 * n };
  return { months: unit.startsWith("y") ? 12 * n : n };
}

/**
 * The moment before which things are older than the period. Months are those of the calendar (UTC); where a month lacks the day,
 * its last one counts, so that nothing is ended early. Epoch milliseconds.
 */
export function periodStart(period: Period, now: number): number {
  if ("days" in period) return now - period.days * 86_400_000;
  const date = new Date(now);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - period.months);
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return date.setUTCDate(Math.min(day, daysInMonth));
}

/** A period in words: "24 months", "30 days". */
export function periodText(period: Period | null): string {
  if (period === null) return "for ever";
  const [n, unit] = "days" in period ? [period.days, "day"] : [period.months, "month"];
  return `${n} ${unit}${n === 1 ? "" : "s"}`;
}
