import type { Entry, NewDelivery } from "../../src/ledger/ledger.ts";
import { noAttribution } from "../../src/model/attribution.ts";
import type { ConsentEvent } from "../../src/model/consent.ts";
import { newLeadId } from "../../src/model/id.ts";
import type { Lead } from "../../src/model/lead.ts";

/** When things happen unless a test says otherwise. Epoch milliseconds. */
export const aMoment = Date.UTC(2026, 10, 24, 9, 30);

/** An active lead with an id, an address and a person of its own, and no consent on record. */
export function aLead(overrides: Partial<Lead> = {}): Lead {
  const id = overrides.id ?? newLeadId(Date.now());
  const own = id.slice("lead_".length);
  return {
    id,
    state: "active",
    form: "contact",
    formName: "Contact",
    receivedAt: aMoment,
    email: `${own}@example.com`,
    phone: null,
    name: null,
    firstName: null,
    lastName: null,
    company: null,
    message: null,
    timezone: null,
    formData: { email: `${own}@example.com` },
    attribution: noAttribution,
    ipAddress: null,
    userAgent: null,
    person: `person_${own}`,
    consents: [],
    ...overrides,
  };
}

/** Consent granted for `enquiry` on the form. */
export function aConsent(overrides: Partial<ConsentEvent> = {}): ConsentEvent {
  return {
    purpose: "enquiry",
    action: "granted",
    text: "You may answer my enquiry.",
    version: "1",
    at: aMoment,
    source: "form",
    control: "consent",
    pageUrl: "https://example.com/contact",
    ...overrides,
  };
}

/** A pending delivery to `crm`. */
export function aDelivery(overrides: Partial<NewDelivery> = {}): NewDelivery {
  return { destination: "crm", kind: "webhook", purpose: "enquiry", state: "pending", reason: null, ...overrides };
}

/** A delivery to `crm` withheld because nobody was asked for consent. */
export function aWithheldDelivery(overrides: Partial<NewDelivery> = {}): NewDelivery {
  const reason = { code: "no_consent", message: 'no consent for "enquiry" on record' };
  return aDelivery({ state: "withheld", reason, ...overrides });
}

/** A lead on its way to `crm`, without a key. */
export function anEntry(overrides: Partial<Entry> = {}): Entry {
  return { lead: aLead(), deliveries: [aDelivery()], key: null, ...overrides };
}
