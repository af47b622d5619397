import { createHash, randomUUID } from "node:crypto";
import type { Table } from "../vendor.ts";

/** A record of any kind: what was sent for it, beside what Pipedrive adds. */
export type CrmRecord = { id: number | string; [key: string]: unknown };

export type CrmField = {
  field_code: string;
  field_name: string;
  field_type: string;
  is_custom_field: boolean;
  options: { id: number; label: string }[] | null;
};

export type Contact = { value: string; primary: boolean; label: string };
export type FieldKind = "deal" | "person" | "organization";

/** Everything a company has at Pipedrive. Tests look into it, and may put in what a person would have typed there. */
export type Crm = {
  persons: CrmRecord[];
  organizations: CrmRecord[];
  leads: CrmRecord[];
  deals: CrmRecord[];
  notes: CrmRecord[];
  fields: Record<FieldKind, CrmField[]>;
  pipelines: { id: number; name: string }[];
  stages: { id: number; name: string; pipeline_id: number }[];
  leadLabels: { id: string; name: string; color: string }[];
  nextId(): number;
  /** Adds a person as one who works there would. */
  addPerson(person: { name: string; emails?: string[]; phones?: string[] } & Record<string, unknown>): CrmRecord;
  /** Makes two persons one, as people do: the first is gone, and everything of theirs is the second's. */
  mergePersons(from: CrmRecord, into: CrmRecord): void;
  /** Makes two deals one: the first is deleted, and its notes are the second's. */
  mergeDeals(from: CrmRecord, into: CrmRecord): void;
  /** Makes a deal of a lead, as people do: the lead is gone, its fields and notes are the deal's. */
  convertLead(lead: CrmRecord): CrmRecord;
  /** Adds a custom field; its key is a hash that differs from company to company. */
  addField(kind: FieldKind, name: string, type: string, options?: readonly string[]): CrmField;
};

/** A company that has just signed up. */
export function newCrm(now: () => number): Crm {
  const salt = randomUUID();
  let last = 0;
  const nextId = (): number => {
    last += 1;
    return last;
  };
  const crm: Crm = {
    persons: [],
    organizations: [],
    leads: [],
    deals: [],
    notes: [],
    fields: {
      deal: [
        builtIn("title", "Title", "varchar"),
        builtIn("value", "Value", "monetary"),
        builtIn("expected_close_date", "Expected close date", "date"),
        { ...builtIn("label_ids", "Label", "set"), options: [{ id: 1, label: "Hot" }] },
        { ...builtIn("channel", "Source channel", "enum"), options: [{ id: 52, label: "Website" }] },
      ],
      person: [
        builtIn("name", "Name", "varchar"),
        builtIn("emails", "Email", "varchar"),
        builtIn("phones", "Phone", "phone"),
      ],
      organization: [builtIn("name", "Name", "varchar")],
    },
    pipelines: [
      { id: 1, name: "Pipeline" },
      { id: 2, name: "Web" },
    ],
    stages: [
      { id: 1, name: "Qualified", pipeline_id: 1 },
      { id: 2, name: "Qualified", pipeline_id: 2 },
      { id: 3, name: "Contact made", pipeline_id: 2 },
    ],
    leadLabels: [{ id: randomUUID(), name: "Hot", color: "red" }],
    nextId,
    addPerson({ name, emails = [], phones = [], ...rest }) {
      const at = rfc3339(now());
      const listOf = (values: string[]) => values.map((value, i) => ({ value, primary: i === 0, label: "work" }));
      const person = {
        id: nextId(),
        name,
        org_id: null,
        marketing_status: "no_consent",
        marketing_changed: false,
        custom_fields: {},
        ...rest,
        emails: listOf(emails),
        phones: listOf(phones),
        is_deleted: false,
        add_time: at,
        update_time: at,
        // Old enough to be in the search's index.
        indexed_at: 0,
      };
      crm.persons.push(person);
      return person;
    },
    mergePersons(from, into) {
      from.is_deleted = true;
      for (const record of [...crm.leads, ...crm.deals, ...crm.notes])
        if (record.person_id === from.id) record.person_id = into.id;
    },
    mergeDeals(from, into) {
      Object.assign(from, { is_deleted: true, update_time: rfc3339(now()) });
      for (const note of crm.notes) if (note.deal_id === from.id) note.deal_id = into.id;
    },
    convertLead(lead) {
      const { person_id, title } = lead;
      const custom = Object.entries(lead).filter(([key]) => /^[0-9a-f]{40}$/.test(key));
      const custom_fields = Object.fromEntries(custom);
      const update_time = rfc3339(now());
      const deal = { id: nextId(), title, person_id, custom_fields, is_deleted: false, update_time, indexed_at: 0 };
      crm.deals.push(deal);
      crm.leads.splice(crm.leads.indexOf(lead), 1);
      for (const note of crm.notes)
        if (note.lead_id === lead.id) Object.assign(note, { lead_id: null, deal_id: deal.id });
      return deal;
    },
    addField(kind, field_name, field_type, options) {
      const field_code = createHash("sha1").update(`${salt} ${kind} ${nextId()}`).digest("hex");
      const withIds = options?.map((label) => ({ id: nextId(), label })) ?? null;
      const field = { field_code, field_name, field_type, is_custom_field: true, options: withIds };
      crm.fields[kind].push(field);
      return field;
    },
  };
  return crm;
}

/** Who is in the CRM, and what is to be done about them. */
export function tablesOf({ persons, organizations, leads, deals }: Crm): Table[] {
  const nameOf = (records: readonly CrmRecord[], id: unknown) => text(records.find((one) => one.id === id)?.name);
  const contactsOf = (list: unknown) => (list as Contact[]).map(({ value }) => value).join(", ");
  const people = persons
    .filter(({ is_deleted }) => !is_deleted)
    .map(({ name, emails, phones, org_id }) => [
      text(name),
      contactsOf(emails),
      contactsOf(phones),
      nameOf(organizations, org_id),
    ]);
  const titled = (records: readonly CrmRecord[]) =>
    records
      .filter(({ is_deleted }) => !is_deleted)
      .map(({ title, person_id, add_time }) => [text(title), nameOf(persons, person_id), text(add_time)]);
  return [
    { title: "Persons", rows: [["Name", "E-mail", "Phone", "Organisation"], ...people] },
    { title: "Leads", rows: [["Title", "Person", "Added"], ...titled(leads)] },
    { title: "Deals", rows: [["Title", "Person", "Added"], ...titled(deals)] },
  ];
}

function text(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}

/** A time as version 2 writes it. */
export function rfc3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+/, "");
}

/** True when a custom field can hold the value, in version 2's shapes or, flat, in version 1's. */
export function fits(field: CrmField, value: unknown, version: 1 | 2): boolean {
  if (value === null) return true;
  const isOption = (id: unknown): boolean => (field.options ?? []).some((option) => option.id === Number(id));
  switch (field.field_type) {
    case "varchar":
    case "varchar_auto":
    case "phone":
      return typeof value === "string" && value.length <= 255;
    case "text":
      return typeof value === "string" && value.length <= 65_000;
    case "double":
    case "user":
      return typeof value === "number";
    case "date":
      return typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);
    case "enum":
      return (version === 1 || typeof value === "number") && isOption(value);
    case "set":
      if (version === 1) return typeof value === "string" && value.split(",").every(isOption);
      return Array.isArray(value) && value.length > 0 && value.every((id) => typeof id === "number" && isOption(id));
    case "monetary":
      return version === 1 ? typeof value === "number" : hasNumber(value);
    default:
      return true;
  }
}

function hasNumber(value: unknown): boolean {
  return typeof value === "object" && value !== null && "value" in value && typeof value.value === "number";
}

function builtIn(field_code: string, field_name: string, field_type: string): CrmField {
  return { field_code, field_name, field_type, is_custom_field: false, options: null };
}
