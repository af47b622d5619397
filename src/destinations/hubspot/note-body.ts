import type { Json } from "../../model/json.ts";
import { leadPayload } from "../../model/payload.ts";
import { textOf } from "./convert.ts";
import type { Draft } from "./work.ts";

/** Longest note. HubSpot takes 65 536 characters; the look for a lead's own note reads twenty of them at once. */
const longestBody = 60_000;
const longestValue = 10_000;

/** True when a note is to be written: it was asked for, or a value has no other place. */
export function wantsNote({ options, state }: Draft): boolean {
  return options.note || state.dropped.contacts.length + state.dropped.deals.length > 0;
}

/**
 * A note's HTML: what HubSpot has no property for, and with the option the whole enquiry with source and consent. Everything
 * a person typed is escaped. `mark` ends it, whatever had to be cut.
 */
export function noteBody(work: Draft, mark: string): string {
  const { lead, options } = work;
  const payload = leadPayload(lead);
  const sections = [section("Without a property in HubSpot", droppedLines(work))];
  if (options.note) {
    sections.unshift(
      section(lead.formName, [...(lead.message === null ? [] : [escaped(lead.message)]), ...lines(lead.formData)]),
      section("Source", lines(payload.source)),
      section(
        "Consent",
        payload.consents.map(({ purpose, granted, text, at }) =>
          line(`${purpose}, ${at}`, `${granted ? "granted" : "not granted"}${text ? `: ${text}` : ""}`),
        ),
      ),
    );
  }
  const end = `<p>${escaped(mark)}</p>`;
  let body = "";
  for (const part of sections.flat()) if (body.length + part.length + end.length <= longestBody) body += part;
  return body + end;
}

function droppedLines({ lead, mapped, state }: Draft): string[] {
  const values = new Map<string, Json>([["email", lead.email ?? ""]]);
  for (const { name, value } of [...mapped.contacts, ...mapped.deals]) values.set(name, value);
  return [...state.dropped.contacts, ...state.dropped.deals].map((name) => line(name, values.get(name) ?? ""));
}

/** Pieces that can be left out one by one when the whole is too long. */
function section(title: string, content: readonly string[]): string[] {
  return content.length === 0
    ? []
    : [`<p><strong>${escaped(title)}</strong></p>`, ...content.map((one) => `<p>${one}</p>`)];
}

function lines(values: Record<string, Json>): string[] {
  return Object.entries(values).flatMap(([name, value]) => (textOf(value) === "" ? [] : [line(name, value)]));
}

function line(name: string, value: Json): string {
  return `<strong>${escaped(name)}:</strong> ${escaped(textOf(value))}`;
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  const short = text.length > longestValue ? `${text.slice(0, longestValue).toWellFormed()} … (cut off)` : text;
  return short.replace(/[&<>"']/g, (character) => entities[character] ?? "").replace(/\r\n?|\n/g, "<br>");
}
