import { type Attribution, noAttribution } from "./attribution.ts";
import type { ConsentEvent } from "./consent.ts";
import type { LeadId } from "./id.ts";
import type { JsonObject } from "./json.ts";

/** Where a lead stands: `quarantined` is held back as suspected spam, `erased` is a tombstone without the person. */
export type LeadState = "active" | "quarantined" | "erased";
export const leadStates = ["active", "quarantined", "erased"] as const satisfies readonly LeadState[];

/** One thing a screen for spam found. `code` is stable; `message` is free of what the person typed. */
export type ScreeningReason = { code: string; points: number; message: string };

/** What the screens for spam found of a lead. `awaiting`: the captcha whose verdict is still to come from its provider. */
export type Screening = { score: number; reasons: ScreeningReason[]; awaiting?: string };

/** What these reasons come to. */
export function screeningOf(reasons: ScreeningReason[]): Screening {
  return { score: reasons.reduce((sum, { points }) => sum + points, 0), reasons };
}

/** The screening with a reason more, in the place of an earlier one of its code; nothing is awaited any more. */
export function withReason(screening: Screening | undefined, reason: ScreeningReason): Screening {
  const others = screening?.reasons.filter(({ code }) => code !== reason.code) ?? [];
  return screeningOf([...others, reason]);
}

/** The lead with this screening, or with none. */
export function screenedAs({ screening: _, ...lead }: Lead, screening: Screening | null): Lead {
  return screening ? { ...lead, screening } : lead;
}

/** One person's enquiry, normalised and recorded. Times are epoch milliseconds; null means the person did not say. */
export type Lead = {
  id: LeadId;
  state: LeadState;
  form: string;
  formName: string;
  receivedAt: number;
  /** Lower-cased; the person's own spelling stays in `formData`. */
  email: string | null;
  /** E.164 when the number is a possible one, else as typed. */
  phone: string | null;
  name: string | null;
  firstName: string | null;
  lastName: string | null;
  company: string | null;
  message: string | null;
  timezone: string | null;
  /** Every field sent, unknown ones included, exactly as typed. Reserved `_` fields are not among them. */
  formData: JsonObject;
  attribution: Attribution;
  /** HMAC of the visitor's address with its key id, `hmac-sha256:<key id>:<hex>`; the address itself is not kept. */
  ipAddress: string | null;
  userAgent: string | null;
  /** Keyed hash of the e-mail (or phone): says "same person" without saying who. */
  person: string | null;
  consents: ConsentEvent[];
  /** Absent when no screen found anything. */
  screening?: Screening;
};

/** A lead's fields that say something of the person, empty. */
function nobody() {
  return {
    email: null,
    phone: null,
    name: null,
    firstName: null,
    lastName: null,
    company: null,
    message: null,
    timezone: null,
    formData: {},
    ipAddress: null,
    userAgent: null,
    person: null,
    consents: [],
  };
}

/** The lead without the person: id, form, times, and where it came from remain; the address of the page goes without its query. */
export function redacted(lead: Lead): Lead {
  const { screening, ...rest } = lead;
  const { url, from } = lead.attribution;
  const attribution = { url: url?.replace(/[?#].*$/s, "") ?? null, referrer: null, parameters: {}, from };
  return { ...rest, ...nobody(), attribution };
}

/** A lead of which only its id and its time are left. */
export function erasedLead(id: LeadId, receivedAt: number): Lead {
  return { ...nobody(), id, state: "erased", form: "", formName: "", receivedAt, attribution: noAttribution };
}
