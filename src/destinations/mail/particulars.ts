import type { LeadId } from "../../model/id.ts";

/** The end of a lead's id in a form people can read out, such as `7F3A-91C2`: the same in both mails. */
export function referenceOf(id: LeadId): string {
  const end = id.slice(-8).toUpperCase();
  return `${end.slice(0, 4)}-${end.slice(4)}`;
}

/** A time in words, with its zone; in UTC when the zone is not one the program knows. */
export function dateTime(ms: number, language: string, timeZone: string): string {
  const format = (zone: string) =>
    // British English, for the world reads a day before its month and 24 hours.
    new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, {
      day: "numeric",
      month: "long",
      year: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      timeZone: zone,
      timeZoneName: "short",
    }).format(ms);
  try {
    return format(timeZone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return format("UTC");
  }
}
