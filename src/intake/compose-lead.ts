import type { AwaitedCaptcha, Entry, NewDelivery } from "../ledger/ledger.ts";
import type { Attribution } from "../model/attribution.ts";
import { type ConsentNeed, gate } from "../model/consent.ts";
import type { Form } from "../model/form.ts";
import { newLeadId } from "../model/id.ts";
import type { Lead, Screening } from "../model/lead.ts";
import type { Contact } from "./contact.ts";
import { type FieldIndex, firstText } from "./field-index.ts";
import { readName } from "./person-name.ts";
import { readConsents } from "./read-consents.ts";
import { cleanText, type Submission } from "./submission.ts";

const longestUserAgent = 1_024;
const longestTimezone = 64;

/** Everything known of a submission that is going to be a lead. */
type Findings = {
  form: Form;
  submission: Submission;
  index: FieldIndex;
  contact: Contact;
  attribution: Attribution;
  userAgent: string | null;
  /** Keyed hashes; the address itself is not kept. */
  ipAddress: string | null;
  person: string | null;
  /** What the screens for spam make of it. */
  verdict: { screening: Screening | null; quarantined: boolean; awaited: AwaitedCaptcha | null };
  /** Epoch milliseconds. */
  now: number;
};

/** A configured destination, as far as a new delivery to it depends on it. */
export type Receiver = { id: string; kind: string; need: ConsentNeed; wants(lead: Lead): boolean };

/** The lead and its deliveries as they are going to be recorded. */
export function composeLead(findings: Findings, receivers: readonly Receiver[], key: string | null): Entry {
  const { form, submission, index, contact, attribution, now, verdict } = findings;
  const consents = readConsents(form, { reserved: submission.reserved, index, pageUrl: attribution.url, now });
  const timezone = firstText(index, ["timezone"])?.trim() ?? null;
  const lead: Lead = {
    id: newLeadId(now),
    state: verdict.quarantined ? "quarantined" : "active",
    form: form.id,
    formName: form.name,
    receivedAt: now,
    email: contact.email,
    phone: contact.phone,
    ...readName(index),
    company: firstText(index, ["company", "organization", "organisation"])?.trim() ?? null,
    message: firstText(index, ["message"]),
    timezone: timezone !== null && timezone.length <= longestTimezone ? timezone : null,
    formData: submission.formData,
    attribution,
    ipAddress: findings.ipAddress,
    userAgent: findings.userAgent === null ? null : cleanText(findings.userAgent.slice(0, longestUserAgent)),
    person: findings.person,
    consents,
    ...(verdict.screening ? { screening: verdict.screening } : {}),
  };
  const deliveries = deliveriesOf(lead, receivers);
  return verdict.awaited ? { lead, deliveries, key, awaited: verdict.awaited } : { lead, deliveries, key };
}

/** The deliveries a lead begins with: one to each destination that wants it. */
export function deliveriesOf(lead: Lead, receivers: readonly Receiver[]): NewDelivery[] {
  return receivers.filter((receiver) => isWanted(receiver, lead)).map((receiver) => newDelivery(receiver, lead));
}

/** Code of a destination that throws here costs no lead: the delivery is made, and its attempts show the trouble. */
function isWanted(receiver: Receiver, lead: Lead): boolean {
  try {
    return receiver.wants(lead);
  } catch {
    return true;
  }
}

function newDelivery({ id, kind, need }: Receiver, { state, consents }: Lead): NewDelivery {
  const common = { destination: id, kind, purpose: need.purpose };
  if (state === "quarantined") return { ...common, state: "withheld", reason: heldBack };
  const verdict = gate(need, consents);
  return verdict.type === "open"
    ? { ...common, state: "pending", reason: null }
    : { ...common, state: "withheld", reason: verdict.reason };
}

/** As the delivery's admission says it. */
const heldBack = { code: "quarantined", message: "the lead is held back as suspected spam" };
