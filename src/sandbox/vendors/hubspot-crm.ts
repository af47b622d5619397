import type { Table } from "../vendor.ts";
import { newSubscriptions } from "./hubspot-subscriptions.ts";

/** A record of any type. `owners` are the addresses and keys that find a contact. */
export type CrmRecord = {
  id: string;
  createdAt: string;
  updatedAt: string;
  properties: Record<string, string>;
  /** Ids of associated records by object type. */
  associations: Record<string, string[]>;
  /** When search begins to show it as it is. Epoch milliseconds. */
  shownFrom: number;
};

/** A property's definition, as far as the rules need it. */
export type CrmProperty = {
  name: string;
  label: string;
  type: string;
  fieldType: string;
  groupName: string;
  options: { label: string; value: string }[];
  hasUniqueValue: boolean;
  readOnly: boolean;
};

/** A form submission as it was taken. */
export type CrmSubmission = {
  conversionId: string;
  submittedAt: number;
  formId: string;
  values: { name: string; value: string }[];
  pageUrl: string;
  context: Record<string, unknown>;
  legalConsentOptions: unknown;
};

/** Why a write is refused, in the vendor's words. */
export type Refusal = { status: number; body: Record<string, unknown> };

export const objectTypes = ["contacts", "deals", "notes"] as const;
export type ObjectType = (typeof objectTypes)[number];

export const stages = [
  "subscriber",
  "lead",
  "marketingqualifiedlead",
  "salesqualifiedlead",
  "opportunity",
  "customer",
  "evangelist",
];
const statuses = [
  "NEW",
  "OPEN",
  "IN_PROGRESS",
  "OPEN_DEAL",
  "UNQUALIFIED",
  "ATTEMPTED_TO_CONTACT",
  "CONNECTED",
  "BAD_TIMING",
];

/** What the sandbox's HubSpot holds. */
export type Crm = ReturnType<typeof newCrm>;

/**
 * An account with HubSpot's standard properties and nothing else: unique e-mails, second ones included
 * (https://knowledge.hubspot.com/records/add-multiple-email-addresses-to-a-contact), a known set of properties, and a lifecycle
 * stage that only goes forward (https://knowledge.hubspot.com/records/use-lifecycle-stages), read 2026-11.
 */
export function newCrm({ now, searchLagMs }: { now(): number; searchLagMs(): number }) {
  const records: Record<ObjectType, Map<string, CrmRecord>> = {
    contacts: new Map(),
    deals: new Map(),
    notes: new Map(),
  };
  const owners = new Map<string, string>();
  const properties: Record<ObjectType, Map<string, CrmProperty>> = {
    contacts: standard([
      ...["email", "firstname", "lastname", "company", "hs_additional_emails"].map((name) => text(name)),
      text("message", "textarea"),
      { ...text("phone"), type: "string", fieldType: "phonenumber" },
      choice("lifecyclestage", stages),
      choice("hs_lead_status", statuses),
      { ...text("hs_analytics_source_data_1"), readOnly: true },
      { ...text("createdate"), type: "datetime", readOnly: true },
    ]),
    deals: standard([
      ...["dealname", "pipeline", "description"].map((name) => text(name)),
      choice("dealstage", ["appointmentscheduled", "qualifiedtobuy", "closedwon", "closedlost"]),
      { ...text("amount"), type: "number" },
    ]),
    notes: standard([text("hs_note_body", "textarea"), { ...text("hs_timestamp"), type: "datetime" }]),
  };
  const groups = new Set(["contactinformation"]);
  const submissions: CrmSubmission[] = [];
  const subscriptions = newSubscriptions(now);
  /** Where the ids of merged records lead. */
  const mergedInto = new Map<string, string>();
  /** Addresses of contacts deleted for good. */
  const blocked = new Set<string>();
  let lastId = 1_000;

  function contactBy(property: string, value: string): CrmRecord | undefined {
    const id = owners.get(ownerKey(property, value));
    return id === undefined ? undefined : records.contacts.get(id);
  }

  /** A record by its id, or by that of one merged into it. */
  function recordOf(type: ObjectType, id: string): CrmRecord | undefined {
    const next = mergedInto.get(id);
    return records[type].get(id) ?? (next === undefined ? undefined : recordOf(type, next));
  }

  /**
   * Makes two contacts one, as people do: a new one with a new id, to which both old ids lead, per
   * https://developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies (read 2026-11); or, as merges
   * were until then, the first goes on under its id.
   */
  function merge(primary: string, other: string, as: "a new contact" | "the first" = "a new contact"): CrmRecord {
    const first = recordOf("contacts", primary);
    const second = recordOf("contacts", other);
    if (!first || !second || first === second) throw new Error("There are no two such contacts.");
    for (const one of [first, second]) for (const claim of claims("contacts", one.properties)) owners.delete(claim);
    const emails = [first, second].flatMap(({ properties: { email, hs_additional_emails } }) =>
      [email, ...(hs_additional_emails ?? "").split(";")].filter(Boolean),
    ) as string[];
    const gone = as === "the first" ? [second] : [first, second];
    if (as === "a new contact") lastId += 1;
    const at = now();
    const merged: CrmRecord = {
      ...first,
      id: as === "the first" ? first.id : String(lastId),
      updatedAt: new Date(at).toISOString(),
      properties: withoutEmpty({
        ...second.properties,
        ...first.properties,
        hs_additional_emails: emails.slice(1).join(";"),
        hs_merged_object_ids: gone.map(({ id }) => id).join(";"),
        hs_calculated_merged_vids: gone.map(({ id }) => `${id}:${at}`).join(";"),
      }),
      associations: Object.fromEntries(
        objectTypes.map((type) => [
          type,
          [...new Set([...(first.associations[type] ?? []), ...(second.associations[type] ?? [])])],
        ]),
      ),
      shownFrom: at + searchLagMs(),
    };
    for (const { id } of gone) {
      records.contacts.delete(id);
      mergedInto.set(id, merged.id);
    }
    records.contacts.set(merged.id, merged);
    for (const claim of claims("contacts", merged.properties)) owners.set(claim, merged.id);
    for (const type of objectTypes)
      for (const id of merged.associations[type] ?? []) {
        const { associations } = records[type].get(id) ?? merged;
        associations.contacts = (associations.contacts ?? []).map((one) => mergedInto.get(one) ?? one);
      }
    return merged;
  }

  /** Every unique value a record claims. */
  function claims(type: ObjectType, values: Record<string, string>): string[] {
    if (type !== "contacts") return [];
    const emails = [values.email, ...(values.hs_additional_emails ?? "").split(";")].filter(Boolean) as string[];
    const unique = [...properties.contacts.values()].filter(
      ({ hasUniqueValue, name }) => hasUniqueValue && values[name],
    );
    return [
      ...emails.map((email) => ownerKey("email", email)),
      ...unique.map(({ name }) => ownerKey(name, values[name] ?? "")),
    ];
  }

  /** The first thing wrong with values, as the vendor words it; the whole record is refused. */
  function problemWith(type: ObjectType, values: Record<string, string>): Refusal | null {
    const errors = Object.entries(values).flatMap(([name, value]) => {
      const property = properties[type].get(name);
      const code = problemCode(property, value);
      return code === null ? [] : [{ name, code, message: `Property "${name}" is not valid: ${code}` }];
    });
    if (errors.length === 0) return null;
    const embedded = errors.map(({ name, code, message }) => ({ isValid: false, message, error: code, name }));
    return {
      status: 400,
      body: {
        status: "error",
        message: `Property values were not valid: ${JSON.stringify(embedded)}`,
        category: "VALIDATION_ERROR",
        errors: errors.map(({ name, code, message }) => ({ message, code, context: { propertyName: [name] } })),
      },
    };
  }

  function create(
    type: ObjectType,
    values: Record<string, string>,
    associated: readonly { type: ObjectType; id: string }[] = [],
  ): CrmRecord | Refusal {
    if (type === "contacts" && !values.email && !values.firstname && !values.lastname) {
      return invalid("A contact needs an email, a firstname or a lastname");
    }
    const problem = problemWith(type, values);
    if (problem) return problem;
    const claimed = claims(type, values);
    const holder = claimed.map((claim) => owners.get(claim)).find((id) => id !== undefined);
    if (holder !== undefined) return { status: 409, body: conflict(holder) };
    if (associated.some((one) => !records[one.type].has(one.id))) return invalid("An associated object was not found");
    lastId += 1;
    const id = String(lastId);
    const at = new Date(now()).toISOString();
    const record: CrmRecord = {
      id,
      createdAt: at,
      updatedAt: at,
      properties: withoutEmpty({ createdate: at, ...lowered(values) }),
      associations: {},
      shownFrom: now() + searchLagMs(),
    };
    records[type].set(id, record);
    for (const claim of claimed) owners.set(claim, id);
    for (const one of associated) link(type, record, one);
    return record;
  }

  function link(type: ObjectType, record: CrmRecord, other: { type: ObjectType; id: string }): void {
    record.associations[other.type] = [...(record.associations[other.type] ?? []), other.id];
    const target = records[other.type].get(other.id);
    if (target) target.associations[type] = [...(target.associations[type] ?? []), record.id];
  }

  /** An empty value clears; a stage that would go back is passed over in silence. */
  function update(type: ObjectType, record: CrmRecord, values: Record<string, string>): Refusal | null {
    const problem = problemWith(type, values);
    if (problem) return problem;
    const taken = claims(type, values)
      .map((claim) => owners.get(claim))
      .find((id) => id !== undefined && id !== record.id);
    if (taken !== undefined) {
      const name = Object.keys(values).find((one) => owners.get(ownerKey(one, values[one] ?? "")) === taken);
      return { status: 400, body: coordinates(name ?? "email", record.id, taken) };
    }
    const changes = lowered(values);
    const { lifecyclestage: before } = record.properties;
    if (changes.lifecyclestage && before && stages.indexOf(changes.lifecyclestage) < stages.indexOf(before)) {
      delete changes.lifecyclestage;
    }
    for (const claim of claims(type, record.properties)) owners.delete(claim);
    record.properties = withoutEmpty({ ...record.properties, ...changes });
    for (const claim of claims(type, record.properties)) owners.set(claim, record.id);
    record.updatedAt = new Date(now()).toISOString();
    record.shownFrom = now() + searchLagMs();
    return null;
  }

  /** Takes a record away with its associations. False when there is none. */
  function remove(type: ObjectType, id: string): boolean {
    const record = records[type].get(id);
    if (!record) return false;
    for (const claim of claims(type, record.properties)) owners.delete(claim);
    for (const other of objectTypes) {
      for (const otherId of record.associations[other] ?? []) {
        const associated = records[other].get(otherId);
        if (associated)
          associated.associations[type] = (associated.associations[type] ?? []).filter((one) => one !== id);
      }
    }
    return records[type].delete(id);
  }

  /**
   * Takes a contact away for good: its form submissions and subscriptions too, and its addresses are blocked, per
   * https://knowledge.hubspot.com/articles/kcs_article/contacts/how-do-i-perform-a-gdpr-compliant-delete-in-hubspot (read 2026-11).
   */
  function removeForGood(id: string): void {
    const { email, hs_additional_emails } = records.contacts.get(id)?.properties ?? {};
    const emails = [email, ...(hs_additional_emails ?? "").split(";")].filter(Boolean) as string[];
    for (const one of emails) {
      blocked.add(one.toLowerCase());
      subscriptions.forget(one);
    }
    const isTheirs = ({ name, value }: { name: string; value: string }) =>
      name === "email" && blocked.has(value.toLowerCase());
    const left = submissions.filter(({ values }) => !values.some(isTheirs));
    submissions.splice(0, submissions.length, ...left);
    remove("contacts", id);
  }

  return {
    records,
    properties,
    groups,
    submissions,
    subscriptions,
    isBlocked: (email: string): boolean => blocked.has(email.toLowerCase()),
    contactBy,
    recordOf,
    merge,
    problemWith,
    create,
    update,
    remove,
    removeForGood,
    /** Makes a property known without asking the API. */
    define: (type: ObjectType, property: Partial<CrmProperty> & { name: string }): void => {
      properties[type].set(property.name, { ...text(property.name), ...property });
    },
    all: (type: ObjectType): CrmRecord[] => [...records[type].values()],
  };
}

/** A refusal of the general kind. */
export function invalid(message: string): Refusal {
  return { status: 400, body: { status: "error", message, category: "VALIDATION_ERROR" } };
}

/** How HubSpot words a contact that is there already, per https://github.com/HubSpot/hubspot-api-php/issues/59 (read 2026-11). */
export function conflict(id: string): Record<string, unknown> {
  return { status: "error", message: `Contact already exists. Existing ID: ${id}`, category: "CONFLICT" };
}

/** The other wording, seen in 2026-09: the second id is the contact that has the value. */
export function coordinates(name: string, own: string, holder: string): Record<string, unknown> {
  const place = `portalId=123456, objectTypeId=ObjectTypeId{legacyObjectType=CONTACT}, propertyName=${name}, value=…`;
  const message = `Cannot set PropertyValueCoordinates{${place}} on ${own}. ${holder} already has that value.`;
  return { status: "error", message, category: "VALIDATION_ERROR" };
}

export function isRefusal(value: CrmRecord | Refusal): value is Refusal {
  return "status" in value;
}

function problemCode(property: CrmProperty | undefined, value: string): string | null {
  if (!property) return "PROPERTY_DOESNT_EXIST";
  if (property.readOnly) return "READ_ONLY_VALUE";
  if (typeof value !== "string") return "INVALID_STRING";
  if (value === "") return null;
  if (value.length > 65_536) return "PROPERTY_VALUE_TOO_LONG";
  const { name, type, options, fieldType } = property;
  if (name === "email" && !/^[^@\s]+@[^@\s]+\.[^@\s.]+$/.test(value)) return "INVALID_EMAIL";
  // Names that are plainly none are refused since 2020.
  if (/^(first|last)name$/.test(name) && /https?:\/\//i.test(value)) return "INVALID_NAME";
  if (type === "number" && !/^-?\d+(\.\d+)?$/.test(value)) return "INVALID_LONG";
  if (type === "bool" && value !== "true" && value !== "false") return "INVALID_BOOLEAN";
  if (/^date/.test(type) && !/^\d+$/.test(value) && Number.isNaN(Date.parse(value))) return "INVALID_DATE";
  if (type !== "enumeration" || options.length === 0) return null;
  const parts = fieldType === "checkbox" ? value.split(";") : [value];
  return parts.every((part) => options.some((option) => option.value === part)) ? null : "INVALID_OPTION";
}

function ownerKey(property: string, value: string): string {
  return `${property}\n${value.toLowerCase()}`;
}

function lowered(values: Record<string, string>): Record<string, string> {
  return values.email === undefined ? { ...values } : { ...values, email: values.email.toLowerCase() };
}

function withoutEmpty(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));
}

function standard(list: readonly CrmProperty[]): Map<string, CrmProperty> {
  return new Map(list.map((property) => [property.name, property]));
}

function text(name: string, fieldType = "text"): CrmProperty {
  const groupName = "contactinformation";
  return {
    name,
    label: name,
    type: "string",
    fieldType,
    groupName,
    options: [],
    hasUniqueValue: false,
    readOnly: false,
  };
}

function choice(name: string, values: readonly string[]): CrmProperty {
  const options = values.map((value) => ({ label: value, value }));
  return { ...text(name), type: "enumeration", fieldType: "select", options };
}

/** What the sandbox page shows of it. */
export function tablesOf(crm: Crm): Table[] {
  const columns = (type: ObjectType, names: readonly string[]) =>
    crm.all(type).map(({ properties }) => names.map((name) => properties[name] ?? ""));
  return [
    {
      title: "Contacts",
      rows: [
        ["First name", "Last name", "E-mail", "Phone", "Stage"],
        ...columns("contacts", ["firstname", "lastname", "email", "phone", "lifecyclestage"]),
      ],
    },
    { title: "Deals", rows: [["Name", "Stage"], ...columns("deals", ["dealname", "dealstage"])] },
    { title: "Notes", rows: [["Note"], ...columns("notes", ["hs_note_body"])] },
    {
      title: "Subscriptions",
      rows: [
        ["E-mail", "Type", "Status", "Ground"],
        ...crm.subscriptions.all().map(({ email, typeId, status, ground }) => [email, String(typeId), status, ground]),
      ],
    },
  ];
}
