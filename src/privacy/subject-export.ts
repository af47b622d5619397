import { strToU8, zipSync } from "fflate";
import type { Act, LeadRecord } from "../ledger/ledger.ts";
import { type RecordJson, recordJson } from "../ledger/record-json.ts";
import type { Touch } from "../model/attribution.ts";
import type { ConsentEvent } from "../model/consent.ts";
import type { DeliveryEvent } from "../model/delivery.ts";
import type { Destination } from "../model/destination.ts";
import type { Json } from "../model/json.ts";
import type { Lead } from "../model/lead.ts";
import type { Identifier, Subject } from "./subject.ts";
import { exportReadme } from "./subject-export-readme.ts";
import { consentsCsv, deliveriesCsv, leadsCsv } from "./subject-export-tables.ts";

/** Everything on record of a person, as one JSON object. Times are ISO 8601, UTC. */
export type PersonJson = {
  schema_version: "1";
  exported_at: string;
  person: Identifier;
  leads: PersonLeadJson[];
  /** Who receives their data: every destination configured, and those that had it earlier. */
  recipients: RecipientJson[];
};

type PersonLeadJson = Omit<RecordJson, "consents" | "deliveries"> & {
  form: string;
  deliveries: (RecordJson["deliveries"][number] & { event: DeliveryEvent })[];
  attribution: { [name: string]: Json };
  consents: ConsentJson[];
  work: { stage: string; assignee: string | null; note: string | null; at: string | null } | null;
  acts: { at: string; by: Act["actor"]["type"]; act: string; subject: string }[];
};

type ConsentJson = {
  purpose: string;
  action: ConsentEvent["action"];
  text: string | null;
  version: string | null;
  at: string;
  source: ConsentEvent["source"];
  control: string | null;
  page_url: string | null;
  locale: string | null;
  recipients: string[] | null;
  form_version: string | null;
};

type RecipientJson = {
  destination: string;
  kind: string;
  /** The name they were announced by; null when none was. */
  recipient: string | null;
  /** Null, as the next two, for a destination that is not configured any more. */
  role: "processor" | "controller" | null;
  purpose: string | null;
  lawful_basis: string | null;
};

/** A destination, as far as a person may ask about it. */
export type Recipient = Pick<Destination, "id" | "kind" | "role" | "need">;

export type ExportParts = {
  subject: Subject;
  /** Acts about their leads and deliveries. Who acted is told by sort, not by name: that is another person. */
  acts: readonly Act[];
  destinations: readonly Recipient[];
  /** Epoch milliseconds. */
  now: number;
};

/** The export as JSON. */
export function personJson({ subject, acts, destinations, now }: ExportParts): PersonJson {
  return {
    schema_version: "1",
    exported_at: iso(now),
    person: subject.identifier,
    leads: subject.leads.map((record) => leadJson(record, acts)),
    recipients: recipientsOf(subject, destinations),
  };
}

/** The export as a zip: `person.json`, the same as tables for a spreadsheet, and a `README.txt` that says what is what. */
export function exportSubject(parts: ExportParts): Uint8Array {
  const { leads } = parts.subject;
  const files = {
    "README.txt": exportReadme,
    "person.json": `${JSON.stringify(personJson(parts), null, 2)}\n`,
    "leads.csv": leadsCsv(leads),
    "consents.csv": consentsCsv(leads),
    "deliveries.csv": deliveriesCsv(leads),
  };
  const bytes = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)]));
  return zipSync(bytes, { mtime: parts.now });
}

function leadJson(record: LeadRecord, acts: readonly Act[]): PersonLeadJson {
  const { lead, deliveries, work } = record;
  const own = new Set<string>([lead.id, ...deliveries.map(({ id }) => id)]);
  const eventOf = new Map<string, DeliveryEvent>(deliveries.map(({ id, event }) => [id, event]));
  const json = recordJson(record);
  return {
    ...json,
    form: lead.form,
    deliveries: json.deliveries.map((one) => ({ ...one, event: eventOf.get(one.id) ?? "lead.created" })),
    attribution: attributionJson(lead),
    consents: lead.consents.map(consentJson),
    work: work ? { ...work, at: work.at === null ? null : iso(work.at) } : null,
    acts: acts
      .filter(({ subject }) => own.has(subject))
      .map(({ at, actor, act, subject }) => ({ at: iso(at), by: actor.type, act, subject })),
  };
}

function consentJson(event: ConsentEvent): ConsentJson {
  const { purpose, action, text, version, at, source, control, pageUrl, locale, recipients, formVersion } = event;
  return {
    purpose,
    action,
    text,
    version,
    at: iso(at),
    source,
    control,
    page_url: pageUrl,
    locale: locale ?? null,
    recipients: recipients ?? null,
    form_version: formVersion ?? null,
  };
}

function attributionJson({ attribution }: Lead): { [name: string]: Json } {
  const { url, referrer, parameters, from, hutk, pageName, extra, firstTouch, lastTouch, lastClick, consentState } =
    attribution;
  return {
    url,
    referrer,
    parameters,
    from,
    hutk: hutk ?? null,
    page_name: pageName ?? null,
    extra: extra ?? null,
    first_touch: touchJson(firstTouch),
    last_touch: touchJson(lastTouch),
    last_click: touchJson(lastClick),
    consent_state: consentState ?? null,
  };
}

function touchJson(touch: Touch | undefined): Json {
  return touch ? { ...touch, at: touch.at === null ? null : iso(touch.at) } : null;
}

function recipientsOf({ leads }: Subject, destinations: readonly Recipient[]): RecipientJson[] {
  const configured = destinations.map(({ id, kind, role, need }) => ({
    destination: id,
    kind,
    recipient: need.recipient ?? null,
    role,
    purpose: need.purpose,
    lawful_basis: need.basis,
  }));
  const known = new Set(destinations.map(({ id }) => id));
  const earlier = leads
    .flatMap(({ deliveries }) => deliveries)
    .filter(({ destination, attempts }) => attempts > 0 && !known.has(destination))
    .map(({ destination, kind }): [string, RecipientJson] => [
      destination,
      { destination, kind, recipient: null, role: null, purpose: null, lawful_basis: null },
    ]);
  return [...configured, ...new Map(earlier).values()];
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
