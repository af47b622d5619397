/** An hour, in milliseconds. */
export const hourMs = 3_600_000;
/** Hours of a week, counted from Monday 0:00 on. */
export const hoursAWeek = 168;

/**
 * Which hour of the week (0: Monday 0:00 to 1:00) each of `length` hours is in a time zone, from the one that starts at `from`
 * (epoch milliseconds) on. An hour that a change of the clocks repeats comes twice, one that it leaves out is missing.
 * @throws {RangeError} when there is no such zone
 */
export function weekHours(from: number, length: number, zone: string): Uint8Array {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    hourCycle: "h23",
  });
  const hourAt = (i: number) => {
    // "Mon, 09": the names are those of this one locale, whatever the machine's is.
    const text = format.format(from + i * hourMs);
    return weekdays.indexOf(text.slice(0, 3)) * 24 + Number(text.slice(-2));
  };
  const hours = new Uint8Array(length);
  // Formatting is slow, and only days on which the clocks change need it for every hour.
  for (let begin = 0, first = hourAt(0); begin < length; begin += 24) {
    const after = hourAt(begin + 24);
    const isPlain = after === (first + 24) % hoursAWeek;
    for (let i = begin; i < Math.min(begin + 24, length); i++)
      hours[i] = isPlain ? (first + i - begin) % hoursAWeek : hourAt(i);
    first = after;
  }
  return hours;
}

const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
