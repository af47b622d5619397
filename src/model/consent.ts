import * as z from "zod";

/** Why data is used. `enquiry` (answering the person) and `marketing` are the ones known without a config file. */
export type Purpose = string;

/**
 * One event in a lead's consent history. Events are appended, never changed: the latest one for a purpose holds.
 * `text` is the wording shown, verbatim; null when the form did not send it.
 */
export const consentEvent = z.object({
  purpose: z.string(),
  /** `requested`: given on the form, but it counts only once the person has confirmed it by mail (double opt-in). */
  action: z.enum(["granted", "refused", "withdrawn", "requested"]),
  text: z.string().nullable(),
  version: z.string().nullable(),
  /** Epoch milliseconds. */
  at: z.number(),
  /**
   * How it came: with the form, by the confirmation link, by the withdrawal link of a mail, through a command, the API or the
   * console, or with an import.
   */
  source: z.enum(["form", "confirmation", "link", "command", "api", "console", "import"]),
  /** The form control it was given with; null when not given through a form. */
  control: z.string().nullable(),
  /** The page the form stood on. */
  pageUrl: z.string().nullable(),
  /** The language of the wording, BCP 47. Absent when the form does not say, as are the next two. */
  locale: z.string().optional(),
  /** Who was named as receiving the data. */
  recipients: z.array(z.string()).optional(),
  /** Which version of the form it was given with. */
  formVersion: z.string().optional(),
});
export type ConsentEvent = z.infer<typeof consentEvent>;

/** On what ground a destination may receive a lead: the person's consent, or another lawful basis named in the config. */
export type LawfulBasis =
  | "consent"
  | "legitimate-interest"
  | "contract"
  | "answering-the-enquiry"
  /** Only a lead without the person leaves. */
  | "nothing-personal"
  /** Word of a withdrawal or an erasure: the law wants it passed on (GDPR articles 7(3), 17 and 19). */
  | "legal-obligation";

/**
 * What a destination needs before anything leaves for it, and what it gets without: nothing, or a lead without the person.
 * `recipient`: the name it must have been announced by, when the wording named recipients at all.
 */
export type ConsentNeed = {
  purpose: Purpose;
  basis: LawfulBasis;
  withoutConsent?: "withhold" | "redact";
  recipient?: string;
};

export type Gate =
  | { type: "open"; basis: LawfulBasis }
  | { type: "withheld"; reason: { code: string; message: string } };

/** The latest event for a purpose; null when nobody was asked. */
export function latestConsent(events: readonly ConsentEvent[], purpose: Purpose): ConsentEvent | null {
  return events.findLast((event) => event.purpose === purpose) ?? null;
}

/** What holds now: the latest event of each purpose, in the order the purposes were first asked for. */
export function standingConsents(events: readonly ConsentEvent[]): ConsentEvent[] {
  return [...new Map(events.map((event) => [event.purpose, event])).values()];
}

/**
 * Decides whether a lead may leave for a destination. Consent must have been granted and not withdrawn; another lawful
 * basis needs no grant, but a withdrawal (the objection) stops it too. A destination that redacts is open in any case: its
 * basis then says that nothing personal leaves.
 */
export function gate(need: ConsentNeed, events: readonly ConsentEvent[]): Gate {
  const verdict = judge(need, events);
  return verdict.type === "withheld" && need.withoutConsent === "redact"
    ? { type: "open", basis: "nothing-personal" }
    : verdict;
}

function judge(need: ConsentNeed, events: readonly ConsentEvent[]): Gate {
  const latest = latestConsent(events, need.purpose);
  if (latest?.action === "withdrawn")
    return withheld("consent_withdrawn", `consent for "${need.purpose}" was withdrawn`);
  if (need.basis !== "consent") return { type: "open", basis: need.basis };
  if (latest?.action === "granted") {
    const { recipient } = need;
    return recipient === undefined || (latest.recipients?.includes(recipient) ?? true)
      ? { type: "open", basis: "consent" }
      : withheld("recipient_not_named", `the consent for "${need.purpose}" does not name "${recipient}"`);
  }
  if (latest?.action === "requested")
    return withheld("awaiting_confirmation", `consent for "${need.purpose}" waits for the person's confirmation`);
  if (latest) return withheld("consent_refused", `consent for "${need.purpose}" was refused`);
  return withheld("no_consent", `no consent for "${need.purpose}" on record`);
}

function withheld(code: string, message: string): Gate {
  return { type: "withheld", reason: { code, message } };
}
