import { normaliseEmail } from "../intake/email-address.ts";
import { nationalDigits, normalisePhone } from "../intake/phone-number.ts";
import type { LeadRecord, Ledger } from "../ledger/ledger.ts";
import type { LeadId } from "../model/id.ts";
import type { Json } from "../model/json.ts";
import type { Lead } from "../model/lead.ts";

/** What a person is looked for by: an e-mail address in lower case, or a phone number in E.164. */
export type Identifier = { email: string } | { phone: string };

/** Everything on record of one person. */
export type Subject = {
  identifier: Identifier;
  /** Their leads, newest first: those that came with this address or number, or name it in a field of its own. */
  leads: LeadRecord[];
  /** Leads of others that only mention it somewhere in a text. They are not the person's: nobody exports or erases them. */
  mentions: LeadId[];
  /** Other addresses and numbers on their leads, by which there may be more of them. */
  others: string[];
};

/** Reads an e-mail address or a phone number as intake does. `country`: of numbers without a prefix, two letters. */
export async function parseIdentifier(text: string, country: string): Promise<Identifier | { problem: string }> {
  if (text.includes("@")) {
    const email = normaliseEmail(text);
    return email === null ? { problem: "That is no e-mail address like name@example.com." } : { email };
  }
  const phone = await normalisePhone(text, country);
  return phone === null ? { problem: "That is neither an e-mail address nor a phone number." } : { phone };
}

/** The address or number itself. */
export function identifierText(identifier: Identifier): string {
  return "email" in identifier ? identifier.email : identifier.phone;
}

/** Finds everything of a person. `countryOf`: the country of phone numbers without a prefix in a form's fields. */
export async function findSubject(
  ledger: Pick<Ledger, "listLeads">,
  identifier: Identifier,
  countryOf: (form: string) => string,
): Promise<Subject> {
  const { pieces, isIn } = await searchFor(identifier);
  const leads = new Map<LeadId, LeadRecord>();
  const mentions = new Set<LeadId>();
  for (const text of pieces) {
    for await (const record of ledger.listLeads({ text })) {
      const { id, form } = record.lead;
      if (leads.has(id) || mentions.has(id)) continue;
      if (await isOf(record.lead, identifier, countryOf(form))) leads.set(id, record);
      else if (textsIn(everythingSaid(record)).some(isIn)) mentions.add(id);
    }
  }
  const found = [...leads.values()].sort((a, b) => (a.lead.id < b.lead.id ? 1 : -1));
  return { identifier, leads: found, mentions: [...mentions], others: othersOf(found, identifier) };
}

/** True when the lead itself came with the address or number, not only a field of it. */
export function isContactOf({ email, phone }: Lead, identifier: Identifier): boolean {
  return "email" in identifier ? email === identifier.email : phone === identifier.phone;
}

async function isOf(lead: Lead, identifier: Identifier, country: string): Promise<boolean> {
  if (isContactOf(lead, identifier)) return true;
  const values = textsIn(lead.formData);
  if ("email" in identifier) return values.some((value) => normaliseEmail(value) === identifier.email);
  for (const value of values) if ((await normalisePhone(value, country)) === identifier.phone) return true;
  return false;
}

function textsIn(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** What people have written: what the ledger searches, and notes. */
function everythingSaid({ lead, work }: LeadRecord): Json {
  const { id, person, ...said } = lead;
  return JSON.parse(JSON.stringify([said, work])) as Json;
}

/** Texts to search the ledger for, one of which stands in each lead that names the identifier, and what tells whether one does. */
async function searchFor(identifier: Identifier): Promise<{ pieces: string[]; isIn(text: string): boolean }> {
  if ("email" in identifier) {
    const { email } = identifier;
    return { pieces: [email], isIn: (text) => text.toLowerCase().includes(email) };
  }
  const digits = await nationalDigits(identifier.phone);
  // However a number is grouped, its last four digits stand together or in pairs.
  const [first, last] = [digits.slice(-4, -2), digits.slice(-2)];
  const pieces = ["", " ", "-", "."].map((separator) => `${first}${separator}${last}`);
  return { pieces, isIn: (text) => text.replace(/\D/g, "").includes(digits) };
}

function othersOf(records: readonly LeadRecord[], identifier: Identifier): string[] {
  const all = records.flatMap(({ lead }) => (isContactOf(lead, identifier) ? [lead.email, lead.phone] : []));
  const others = new Set(all.filter((one): one is string => one !== null));
  others.delete(identifierText(identifier));
  return [...others];
}
