import { useMemo } from "react";
import { useLanguage } from "./language.tsx";

/** Writes numbers, times and spans of time the viewer's way, in the viewer's zone. */
export type Format = {
  number(value: number): string;
  /** `0.987` → "98.7 %"; never rounded up to 100 %. */
  share(value: number): string;
  /** "12 November 2026 at 09:30:12 CET" */
  full(at: Date | string): string;
  /** "12 Nov, 09:30" */
  short(at: Date | string): string;
  /** "12 Nov" */
  day(at: Date | string): string;
  /** `0` → "Monday", or "Mon" */
  weekday(day: number, length: "long" | "short"): string;
  /** "3 minutes ago" */
  relative(at: Date | string, now: number): string;
  /** Milliseconds as "240 ms", "3.2 s", "5 min", "2 h", "3 d" */
  span(ms: number): string;
};

export function useFormat(): Format {
  const { locale } = useLanguage();
  return useMemo(() => formatIn(locale), [locale]);
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const aMonday = Date.UTC(2024, 0, 1);

export function formatIn(locale: string, timeZone?: string): Format {
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1, roundingMode: "floor" });
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "long", timeZone });
  const short = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    timeZone,
  });
  const dayOnly = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", timeZone });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return {
    number: (value) => number.format(value),
    share: (value) => percent.format(value),
    full: (at) => full.format(new Date(at)),
    short: (at) => short.format(new Date(at)),
    day: (at) => dayOnly.format(new Date(at)),
    weekday: (weekday, length) =>
      new Intl.DateTimeFormat(locale, { weekday: length, timeZone: "UTC" }).format(aMonday + weekday * day),
    relative(at, now) {
      const ms = new Date(at).getTime() - now;
      const size = Math.abs(ms);
      if (size < minute) return relative.format(Math.trunc(ms / 1000 / 10) * 10, "second");
      if (size < hour) return relative.format(Math.trunc(ms / minute), "minute");
      if (size < day) return relative.format(Math.trunc(ms / hour), "hour");
      return relative.format(Math.trunc(ms / day), "day");
    },
    span(ms) {
      if (ms < 1000) return unit(locale, Math.round(ms), "millisecond");
      if (ms < minute) return unit(locale, ms / 1000, "second");
      if (ms < hour) return unit(locale, ms / minute, "minute");
      if (ms < day) return unit(locale, ms / hour, "hour");
      return unit(locale, ms / day, "day");
    },
  };
}

function unit(locale: string, value: number, name: string): string {
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unitDisplay: "narrow",
    unit: name,
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
