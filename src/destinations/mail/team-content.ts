import { latestConsent, type Purpose } from "../../model/consent.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { bodyText, headerText, isPlainAddress } from "./address.ts";
import { defanged } from "./defang.ts";
import type { Block, Brand, FieldRow, MailDocument } from "./document.ts";
import { dateTime, referenceOf } from "./particulars.ts";
import { filled, type MailTexts } from "./texts/texts.ts";

export type TeamMailInput = {
  language: string;
  texts: MailTexts;
  brand: Brand;
  /** The console's address without a slash at its end; null when there is none to link to. */
  consoleUrl: string | null;
  /** IANA name of the zone times are told in. */
  timeZone: string;
};

/** Programs cut long mails off (Gmail at about 102 kB), so long values are shortened, and marked. */
const longestValue = 4_000;
const mostFields = 60;
const longestLabel = 80;

/** The lead-notification: everything the team needs to answer, with nothing a visitor typed made into a link. */
export function teamDocument(lead: Lead, input: TeamMailInput): MailDocument {
  const { language, brand } = input;
  const { team } = input.texts;
  const form = oneLine(lead.formName, 60);
  const person = oneLine(lead.name ?? lead.company ?? "", 60);
  const value = (text: string) => shortened(defanged(bodyText(text)), team.shortened);
  const blocks: (Block | null)[] = [
    fieldsBlock(null, [...contactRows(lead, input, value), [team.received, receivedAt(lead, input)]]),
    lead.message === null ? null : { type: "quote", heading: team.message, text: value(lead.message) },
    linksBlock(lead, input),
    fieldsBlock(team.fields, otherFields(lead, team.left, value)),
    sourceBlock(lead, team, value),
    consentBlock(lead, input, value),
  ];
  return {
    language,
    subject: `[${form}] ${filled(person ? team.subject : team.subjectNameless, { person, brand: brand.name, form })}`,
    preview: oneLine(lead.message ?? lead.email ?? lead.phone ?? "", 140),
    title: filled(team.title, { form, person, brand: brand.name }),
    blocks: blocks.filter((block) => block !== null),
    footer: footerOf(lead, team),
  };
}

/** Tells the team to stop: word of a withdrawal, with what it takes to find the person in lists of their own. */
export function withdrawalDocument(lead: Lead, purpose: Purpose, input: TeamMailInput): MailDocument {
  const { language, brand, timeZone } = input;
  const { team } = input.texts;
  const value = (text: string) => shortened(defanged(bodyText(text)), team.shortened);
  const form = oneLine(lead.formName, 60);
  const person = oneLine(lead.name ?? lead.company ?? "", 60);
  const say = (text: string) => filled(text, { person, form, brand: brand.name, purpose: labelOf(purpose) });
  const withdrawn = lead.consents.findLast((event) => event.purpose === purpose && event.action === "withdrawn");
  const when = withdrawn ? dateTime(withdrawn.at, language, timeZone) : null;
  const rows: Row[] = [...contactRows(lead, input, value), [team.withdrawalPurpose, labelOf(purpose)]];
  const blocks: (Block | null)[] = [
    { type: "paragraph", text: say(team.withdrawalTask) },
    fieldsBlock(null, [...rows, [team.withdrawalAt, when]]),
    consentBlock(lead, input, value),
    blockOf(consoleLinks(lead, input)),
  ];
  return {
    language,
    subject: `[${form}] ${say(person ? team.withdrawalSubject : team.withdrawalSubjectNameless)}`,
    preview: say(team.withdrawalTask),
    title: say(team.withdrawalTitle),
    blocks: blocks.filter((block) => block !== null),
    footer: footerOf(lead, team),
  };
}

function footerOf({ id }: Lead, team: MailTexts["team"]): string[] {
  return [`${team.reference}: ${referenceOf(id)} (${id})`, `${team.command}: leadkeep show ${id}`, team.defanged];
}

type Shown = (text: string) => string;
type Row = FieldRow | readonly [label: string, value: string | null];

function contactRows({ name, email, phone, company }: Lead, { texts: { team } }: TeamMailInput, value: Shown): Row[] {
  const mailto = mailtoOf(email);
  return [
    [team.name, name && value(name)],
    email !== null && mailto !== null
      ? { label: team.email, value: email, href: mailto }
      : [team.email, email && value(email)],
    phone !== null && /^\+[1-9]\d{5,14}$/.test(phone)
      ? { label: team.phone, value: phone, href: `tel:${phone}` }
      : [team.phone, phone && value(phone)],
    [team.company, company && value(company)],
  ];
}

/** All fields of the form, but those that stand elsewhere in the mail already: the person, the message, the consents. */
function otherFields(lead: Lead, left: string, value: Shown): Row[] {
  const { name, firstName, lastName, email, phone, company, message } = lead;
  const shown = new Set([name, firstName, lastName, email, phone, company, message].map(comparable));
  const controls = new Set(lead.consents.map(({ control }) => control));
  const others = Object.entries(lead.formData)
    .filter(([field]) => !controls.has(field))
    .map(([field, sent]) => [field, textOf(sent)] as const)
    .filter(([, text]) => text !== "" && !shown.has(comparable(text)));
  const rows: Row[] = others.slice(0, mostFields).map(([field, text]) => [labelOf(field), value(text)]);
  return others.length > mostFields ? [...rows, ["…", `${others.length - mostFields} ${left}`]] : rows;
}

function sourceBlock({ attribution }: Lead, team: MailTexts["team"], value: Shown): Block | null {
  const { url, referrer, parameters } = attribution;
  const rows: Row[] = [
    [team.page, url && value(url)],
    [team.referrer, referrer && value(referrer)],
    ...Object.entries(parameters).map(([name, text]) => [labelOf(name), value(text)] as const),
  ];
  return fieldsBlock(team.source, rows) ?? fieldsBlock(team.source, [[team.page, team.direct]]);
}

function consentBlock(lead: Lead, input: TeamMailInput, value: Shown): Block {
  const { team } = input.texts;
  const purposes = [...new Set(lead.consents.map(({ purpose }) => purpose))];
  const rows: Row[] = purposes.map((purpose) => {
    const event = latestConsent(lead.consents, purpose);
    if (!event) return [purpose, null];
    const wording = event.text === null ? "" : `\n“${value(event.text)}”`;
    const version = event.version === null ? "" : ` (${team.version} ${oneLine(event.version, 40)})`;
    return [
      labelOf(purpose),
      `${team[event.action]}, ${dateTime(event.at, input.language, input.timeZone)}${version}${wording}`,
    ];
  });
  return fieldsBlock(team.consent, rows) ?? { type: "quote", heading: team.consent, text: team.noConsent };
}

type Link = { label: string; href: string };

function linksBlock(lead: Lead, input: TeamMailInput): Block | null {
  const { team } = input.texts;
  const mailto = mailtoOf(lead.email);
  const reply =
    mailto === null ? [] : [{ label: team.reply, href: `${mailto}?subject=${encodeURIComponent(team.replySubject)}` }];
  return blockOf([...reply, ...consoleLinks(lead, input)]);
}

function consoleLinks({ id }: Lead, { consoleUrl, texts: { team } }: TeamMailInput): Link[] {
  return consoleUrl === null ? [] : [{ label: team.open, href: `${consoleUrl}/leads/${id}` }];
}

function blockOf(links: readonly Link[]): Block | null {
  return links.length > 0 ? { type: "links", links } : null;
}

/** In the team's zone, and in the person's where clocks show something else. */
function receivedAt({ receivedAt, timezone }: Lead, { language, timeZone }: TeamMailInput): string {
  const here = dateTime(receivedAt, language, timeZone);
  const there = dateTime(receivedAt, language, timezone ?? timeZone);
  return clockOf(here) === clockOf(there) ? here : `${here}\n${there}`;
}

function clockOf(time: string): string {
  return time.replace(/\s\S+$/, "");
}

function fieldsBlock(heading: string | null, rows: readonly Row[]): Block | null {
  const present = rows
    .map((row) => ("label" in row ? row : { label: row[0], value: row[1] ?? "" }))
    .filter(({ value }) => value !== "");
  return present.length > 0 ? { type: "fields", heading, rows: present } : null;
}

/** Null when there is no address to write to. */
function mailtoOf(email: string | null): string | null {
  if (email === null || !isPlainAddress(email)) return null;
  const at = email.lastIndexOf("@");
  return `mailto:${encodeURIComponent(email.slice(0, at))}@${encodeURIComponent(email.slice(at + 1))}`;
}

function labelOf(field: string): string {
  return oneLine(field, longestLabel) || "–";
}

function oneLine(text: string, longest: number): string {
  return defanged(headerText(text, longest));
}

function comparable(text: string | null): string {
  return (text ?? "").trim().toLowerCase();
}

function textOf(value: Json): string {
  if (value === null) return "";
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value !== "object") return String(value);
  if (!("base64" in value)) return JSON.stringify(value);
  const { filename, type, size } = value;
  return [filename, type, size === undefined ? null : `${size} B`]
    .filter((part) => typeof part === "string")
    .join(", ");
}

/** Cut between characters, not inside one. */
function shortened(text: string, mark: string): string {
  if (text.length <= longestValue) return text;
  return `${text.slice(0, longestValue).replace(/[\ud800-\udbff]$/, "")}… [${mark}]`;
}
