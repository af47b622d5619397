import type { ConsentEvent } from "../model/consent.ts";
import type { ConsentControl } from "../model/form.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { canonicalName, type FieldIndex, textOf } from "./field-index.ts";
import { jsonIn, jsonObjectIn } from "./json-field.ts";

const yesWords = ["true", "on", "yes", "1"];

type Asked = { reserved: ReadonlyMap<string, Json>; index: FieldIndex; pageUrl: string | null; now: number };

/**
 * The consent events of a submission: one for each control that was sent, then those `_consent` tells of purposes no
 * control decided. A control that was not sent says nothing, since browsers leave unticked boxes out.
 */
export function readConsents(controls: readonly ConsentControl[], asked: Asked): ConsentEvent[] {
  const wording = wordingIn(asked.reserved.get("_consent_text"));
  const common = { at: asked.now, source: "form", pageUrl: asked.pageUrl } as const;
  const events: ConsentEvent[] = [];
  for (const { field, purpose, text, version } of controls) {
    const sent = asked.index.get(canonicalName(field));
    if (!sent) continue;
    events.push({
      purpose,
      action: sent.some(({ value }) => isYes(value)) ? "granted" : "refused",
      text: text ?? wording(field) ?? wording(purpose) ?? wording(null),
      version: version ?? null,
      control: field,
      ...common,
    });
  }
  const decided = new Set(events.map(({ purpose }) => purpose));
  for (const { purpose, granted, text, version } of declaredConsents(jsonIn(asked.reserved.get("_consent")))) {
    if (decided.has(purpose)) continue;
    const action = granted ? "granted" : "refused";
    const shown = text ?? wording(purpose) ?? wording(null);
    events.push({ purpose, action, text: shown, version, control: "_consent", ...common });
  }
  return events;
}

/** A list grants when any of it says yes: a hidden "0" beside a checkbox "1" is a common pattern. */
export function isYes(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(isYes);
  return value !== null && typeof value !== "object" && yesWords.includes(String(value).trim().toLowerCase());
}

/** Looks up the wording for a field or purpose, or with null the one that is for all. */
function wordingIn(sent: Json | undefined): (name: string | null) => string | null {
  const byName = jsonObjectIn(sent);
  if (byName) return (name) => (name !== null && Object.hasOwn(byName, name) ? textOf(byName[name]) : null);
  const forAll = textOf(sent);
  return (name) => (name === null ? forAll : null);
}

type Declared = { purpose: string; granted: boolean; text: string | null; version: string | null };

/** Reads `{ purpose: boolean }` or `[{ purpose, granted, text?, version? }]`; what is neither says nothing. */
function declaredConsents(sent: Json): Declared[] {
  if (Array.isArray(sent)) return sent.flatMap((entry) => declaredConsent(jsonObjectIn(entry)));
  return Object.entries(jsonObjectIn(sent) ?? {}).flatMap(([purpose, granted]) =>
    declaredConsent({ purpose, granted }),
  );
}

function declaredConsent(entry: JsonObject | null): Declared[] {
  const purpose = textOf(entry?.purpose);
  if (!entry || purpose === null || entry.granted === undefined) return [];
  return [{ purpose, granted: isYes(entry.granted), text: textOf(entry.text), version: textOf(entry.version) }];
}
