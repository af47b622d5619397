/** One hour of the week. `heat`: 0 to 100, against the busiest. */
export type WeekHour = { hour: number; leads: number; heat: number };

/** A rhythm's 168 figures as seven days of 24 hours, Monday first. */
export function weekOf(byHourOfWeek: readonly number[]): WeekHour[][] {
  const most = Math.max(...byHourOfWeek);
  return Array.from({ length: 7 }, (_, day) =>
    byHourOfWeek.slice(day * 24, (day + 1) * 24).map((leads, hour) => ({
      hour,
      leads,
      heat: most > 0 ? Math.round((leads / most) * 100) : 0,
    })),
  );
}

/** The busiest hour of the week; the first of several. */
export function busiestOf(byHourOfWeek: readonly number[]): { day: number; hour: number } {
  const at = byHourOfWeek.indexOf(Math.max(...byHourOfWeek));
  return { day: Math.floor(at / 24), hour: at % 24 };
}
