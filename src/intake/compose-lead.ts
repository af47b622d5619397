import type { Entry, NewDelivery } from "../ledger/ledger.ts";
import type { Attribution } from "../model/attribution.ts";
import { type ConsentEvent, type ConsentNeed, gate } from "../model/consent.ts";
import type { Form } from "../model/form.ts";
import { newLeadId } from "../model/id.ts";
import type { Lead } from "../model/lead.ts";
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
  /** Epoch milliseconds. */
  now: number;
};

/** A configured destination, as far as a new delivery to it depends on it. */
export type Receiver = { id: string; kind: string; need: ConsentNeed };

/** The lead and its deliveries as they are going to be recorded. */
export function composeLead(findings: Findings, receivers: readonly Receiver[], key: string | null): Entry {
  const { form, submission, index, contact, attribution, now } = findings;
  const consents = readConsents(form.consents, { reserved: submission.reserved, index, pageUrl: attribution.url, now });
  const timezone = firstText(index, ["timezone"])?.trim() ?? null;
  const lead: Lead = {
    id: newLeadId(now),
    state: "active",
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
  };
  return { lead, deliveries: receivers.map((receiver) => newDelivery(receiver, consents)), key };
}

function newDelivery({ id, kind, need }: Receiver, consents: readonly ConsentEvent[]): NewDelivery {
  const verdict = gate(need, consents);
  const common = { destination: id, kind, purpose: need.purpose };
  return verdict.type === "open"
    ? { ...common, state: "pending", reason: null }
    : { ...common, state: "withheld", reason: verdict.reason };
}
