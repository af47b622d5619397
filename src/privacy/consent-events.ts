import { type ConsentEvent, latestConsent, type Purpose } from "../model/consent.ts";

/** A consent given outside the form. */
export type Grant = Pick<ConsentEvent, "purpose" | "source"> &
  Partial<Pick<ConsentEvent, "text" | "version" | "locale" | "recipients">>;

/** A grant that comes with words of its own. */
export function grantEvent({ purpose, source, text, version, locale, recipients }: Grant, at: number): ConsentEvent {
  return {
    purpose,
    action: "granted",
    text: text ?? null,
    version: version ?? null,
    at,
    source,
    control: null,
    pageUrl: null,
    ...(locale === undefined ? {} : { locale }),
    ...(recipients === undefined ? {} : { recipients }),
  };
}

export function withdrawalEvent(
  { purpose, source }: Pick<ConsentEvent, "purpose" | "source">,
  at: number,
): ConsentEvent {
  return { purpose, action: "withdrawn", text: null, version: null, at, source, control: null, pageUrl: null };
}

/** A grant in the words of an earlier event, whose proof it carries on. */
export function grantAgain(earlier: ConsentEvent, source: ConsentEvent["source"], at: number): ConsentEvent {
  return { ...earlier, action: "granted", source, at };
}

/** What waits for a confirmation and was requested at `at` or before; null when there is nothing. */
export function requestUpTo(events: readonly ConsentEvent[], purpose: Purpose, at: number): ConsentEvent | null {
  const latest = latestConsent(events, purpose);
  return latest?.action === "requested" && latest.at <= at ? latest : null;
}

/** The grant that a withdrawal made at exactly `at` ended; null when that is not what holds, or nothing was granted before. */
export function grantBefore(events: readonly ConsentEvent[], purpose: Purpose, at: number): ConsentEvent | null {
  const [before, latest] = events.filter((event) => event.purpose === purpose).slice(-2);
  return before?.action === "granted" && latest?.action === "withdrawn" && latest.at === at ? before : null;
}
