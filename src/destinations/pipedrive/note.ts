import * as z from "zod";
import { clickIdKeys, utmKeys } from "../../model/attribution.ts";
import type { ConsentEvent } from "../../model/consent.ts";
import type { Json } from "../../model/json.ts";
import type { Lead } from "../../model/lead.ts";
import { mappedValues } from "../shared/field-map.ts";
import { isStop, type Stop } from "./call.ts";
import { textOf } from "./convert.ts";
import { everyPage } from "./fields.ts";
import { wholeMap } from "./placing.ts";
import { once } from "./progress.ts";
import { type Session, writeWhatIsTaken } from "./session.ts";

const created = z.object({ id: z.number() });
const noteItem = z.object({ id: z.number(), content: z.string().nullish() });

/** Longer than a person writes, shorter than what could be refused. */
const longestValue = 20_000;
const longestNote = 60_000;

/** Writes the note on the record. Notes are version 1's, and HTML, per https://developers.pipedrive.com/docs/api/v1/Notes (read 2026-11). */
export function noteOn(session: Session, record: string | number): Promise<number | Stop> {
  const { api, lead, options } = session;
  const on: Record<string, string | number> = options.target === "lead" ? { lead_id: record } : { deal_id: record };
  return once(session, "note", {
    async look() {
      const notes = await everyPage(api, "v1/notes", { ...on, sort: "add_time DESC" }, noteItem);
      return isStop(notes) ? notes : (notes.find(({ content }) => content?.includes(lead.id))?.id ?? null);
    },
    async create() {
      const essential = { content: noteContent(lead, withoutPlace(session)), ...on };
      const writing = { method: "POST", path: "v1/notes", essential, extras: [], answer: created } as const;
      const answer = await writeWhatIsTaken(session, writing);
      return isStop(answer) ? answer : answer.data.id;
    },
  });
}

/** Everything the person wrote, where they came from and what they agreed to, as HTML with every value escaped. */
export function noteContent(lead: Lead, unplaced: readonly { name: string; value: Json }[]): string {
  const { url, referrer, parameters } = lead.attribution;
  const known = [...utmKeys, ...clickIdKeys].filter((key) => parameters[key] !== undefined);
  const sections: [title: string, lines: [name: string, value: Json][]][] = [
    ["Form", Object.entries(lead.formData).map(([name, value]) => [name, withoutFile(value)])],
    ["No field in Pipedrive", unplaced.map(({ name, value }) => [name, value])],
    [
      "Source",
      [["page", url], ["referrer", referrer], ...known.map((key): [string, Json] => [key, parameters[key] ?? null])],
    ],
    ["Consent", lead.consents.map((event) => [event.purpose, consentText(event)])],
  ];
  const message = lead.message ? `<p>${textHtml(lead.message)}</p>` : "";
  const reference = `<p>${escaped(lead.formName)} · ${lead.id} · ${iso(lead.receivedAt)}</p>`;
  const parts = [message, ...sections.map(([title, lines]) => section(title, lines))].filter(Boolean);
  const kept: string[] = [];
  let left = longestNote - reference.length;
  for (const part of parts) {
    left -= part.length;
    if (left < 0) {
      kept.push("<p>(cut here; Leadkeep has it whole)</p>");
      break;
    }
    kept.push(part);
  }
  return [...kept, reference].join("");
}

/** The values Pipedrive had no place for, or would not take, as they came. */
function withoutPlace({ lead, options, placing, progress }: Session): { name: string; value: Json }[] {
  const names = new Set([...placing.unplaced.map(({ name }) => name), ...placing.cut, ...progress.refused]);
  const own = new Set(["Lead ID", "person.Latest lead ID", "Lead form"]);
  return mappedValues(wholeMap(options), lead).filter(({ name }) => names.has(name) && !own.has(name));
}

function section(title: string, lines: readonly [name: string, value: Json][]): string {
  const items = lines
    .filter(([, value]) => textOf(value).trim() !== "")
    .map(([name, value]) => `<li>${escaped(name)}: ${textHtml(textOf(value))}</li>`);
  return items.length > 0 ? `<p><b>${title}</b></p><ul>${items.join("")}</ul>` : "";
}

function consentText({ action, text, version, at }: ConsentEvent): string {
  const wording = text === null ? "" : `: “${text}”`;
  return `${action} ${iso(at)}${version === null ? "" : ` (version ${version})`}${wording}`;
}

/** A file is named, not written out. */
function withoutFile(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutFile);
  const isFile = value !== null && typeof value === "object" && "base64" in value && "filename" in value;
  return isFile ? `(file) ${String(value.filename)}` : value;
}

function textHtml(text: string): string {
  const points = [...text];
  const whole = points.length > longestValue ? `${points.slice(0, longestValue).join("")} … (cut)` : text;
  return escaped(whole).replace(/\r\n|\r|\n/g, "<br>");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
