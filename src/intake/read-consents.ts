import type { ConsentEvent } from "../model/consent.ts";
import type { ConsentControl, Form } from "../model/form.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { canonicalName, type FieldIndex, textOf } from "./field-index.ts";
import { jsonIn, jsonObjectIn } from "./json-field.ts";

const yesWords = ["true", "on", "yes", "1"];
const longestLocale = 35;
/** What an unlisted purpose may be called: it is noted with every act about it, so that a person's address or number is none. */
const purposeName = /^\p{L}[\p{L}\p{N} _.:/-]{0,63}$/u;

type Asked = { reserved: ReadonlyMap<string, Json>; index: FieldIndex; pageUrl: string | null; now: number };

/**
 * The consent events of a submission: one for each control that was sent, then those `_consent` tells of purposes no
 * control decided. A control that was not sent says nothing, since browsers leave unticked boxes out. A yes that is to be
 * confirmed by mail is only `requested`.
 */
export function readConsents(
  { consents, version: formVersion, otherPurposes }: Pick<Form, "consents" | "version" | "otherPurposes">,
  { reserved, index, pageUrl, now }: Asked,
): ConsentEvent[] {
  const wording = wordingIn(reserved.get("_consent_text"));
  const sentLocale = localeIn(reserved.get("_locale"));
  const controls = shownControls(consents, sentLocale);
  const events: ConsentEvent[] = [];

  function add(asked: Omit<ConsentControl, "field">, control: string, granted: boolean, sent: string | null): void {
    const { purpose, confirm, recipients } = asked;
    const locale = asked.locale ?? sentLocale;
    events.push({
      purpose,
      action: !granted ? "refused" : confirm ? "requested" : "granted",
      text: asked.text ?? sent,
      version: asked.version ?? null,
      at: now,
      source: "form",
      control,
      pageUrl,
      ...(locale === null ? {} : { locale }),
      ...(recipients ? { recipients: [...recipients] } : {}),
      ...(formVersion === null ? {} : { formVersion }),
    });
  }

  for (const control of controls) {
    const { field, purpose } = control;
    const sent = index.get(canonicalName(field));
    const granted = sent?.some(({ value }) => isYes(value));
    if (granted !== undefined) add(control, field, granted, wording(field) ?? wording(purpose) ?? wording(null));
  }
  const decided = new Set(events.map(({ purpose }) => purpose));
  for (const { purpose, granted, text, version } of declaredConsents(jsonIn(reserved.get("_consent")))) {
    const control = controls.find((one) => one.purpose === purpose);
    if (decided.has(purpose) || !(control || (otherPurposes && purposeName.test(purpose)))) continue;
    const asked = { ...(version === null ? {} : { version }), ...(control ?? { purpose }) };
    add(asked, "_consent", granted, text ?? wording(purpose) ?? wording(null));
  }
  return events;
}

/** A list grants when any of it says yes: a hidden "0" beside a checkbox "1" is a common pattern. */
export function isYes(value: Json | undefined): boolean {
  if (Array.isArray(value)) return value.some(isYes);
  return value !== null && typeof value !== "object" && yesWords.includes(String(value).trim().toLowerCase());
}

/** Of a control listed in several languages, the one the form says it showed, else the nearest, else the first. */
function shownControls(all: readonly ConsentControl[], locale: string | null): readonly ConsentControl[] {
  if (all.every((control) => control.locale === undefined)) return all;
  const controls = new Map<string, ConsentControl[]>();
  for (const control of all) {
    const key = JSON.stringify([canonicalName(control.field), control.purpose]);
    controls.set(key, [...(controls.get(key) ?? []), control]);
  }
  return [...controls.values()].flatMap((wordings) => {
    const inLanguage = wordings.filter((one) => languageOf(one.locale) === languageOf(locale));
    const exact = inLanguage.find((one) => one.locale?.toLowerCase() === locale?.toLowerCase());
    return exact ?? inLanguage[0] ?? wordings[0] ?? [];
  });
}

function languageOf(locale: string | null | undefined): string | undefined {
  return locale?.toLowerCase().split("-")[0];
}

/** A language tag (BCP 47), also when written with an underscore; null when it is none. */
function localeIn(sent: Json | undefined): string | null {
  const text = textOf(sent)?.trim().replaceAll("_", "-") ?? "";
  if (text === "" || text.length > longestLocale) return null;
  try {
    return Intl.getCanonicalLocales(text)[0] ?? null;
  } catch {
    return null;
  }
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
