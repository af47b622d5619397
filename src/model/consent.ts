import * as z from "zod";

/** Why data is used. `enquiry` (answering the person) and `marketing` are the ones known without a config file. */
export type Purpose = string;

/**
 * One event in a lead's consent history. Events are appended, never changed: the latest one for a purpose holds.
 * `text` is the wording shown, verbatim; null when the form did not send it.
 */
export const consentEvent = z.object({
  purpose: z.string(),
  action: z.enum(["granted", "refused", "withdrawn"]),
  text: z.string().nullable(),
  version: z.string().nullable(),
  /** Epoch milliseconds. */
  at: z.number(),
  /** Who said so: the form itself, or a person through a command or the API. */
  source: z.enum(["form", "command", "api"]),
  /** The form control it was given with; null when not given through a form. */
  control: z.string().nullable(),
  /** The page the form stood on. */
  pageUrl: z.string().nullable(),
});
export type ConsentEvent = z.infer<typeof consentEvent>;

/** On what ground a destination may receive a lead: the person's consent, or another lawful basis named in the config. */
export type LawfulBasis = "consent" | "legitimate-interest" | "contract" | "answering-the-enquiry" | "nothing-personal";

/** What a destination needs before anything leaves for it, and what it gets without: nothing, or a lead without the person. */
export type ConsentNeed = { purpose: Purpose; basis: LawfulBasis; withoutConsent?: "withhold" | "redact" };

export type Gate =
  | { type: "open"; basis: LawfulBasis }
  | { type: "withheld"; reason: { code: string; message: string } };

/** The latest event for a purpose; null when nobody was asked. */
export function latestConsent(events: readonly ConsentEvent[], purpose: Purpose): ConsentEvent | null {
  return events.findLast((event) => event.purpose === purpose) ?? null;
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
  if (latest?.action === "granted") return { type: "open", basis: "consent" };
  if (latest) return withheld("consent_refused", `consent for "${need.purpose}" was refused`);
  return withheld("no_consent", `no consent for "${need.purpose}" on record`);
}

function withheld(code: string, message: string): Gate {
  return { type: "withheld", reason: { code, message } };
}
