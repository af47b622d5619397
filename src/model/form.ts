import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { Purpose } from "./consent.ts";

/** A form control that gives or refuses consent, and the wording shown beside it. */
export type ConsentControl = {
  /** The field's name; a yes in it (`true`, `on`, `yes`, `1`) grants the purpose. */
  field: string;
  purpose: Purpose;
  /** The wording shown. When absent, the form's `_consent_text` is recorded instead. */
  text?: string;
  version?: string;
};

/** A configured place people send from. */
export type Form = {
  id: string;
  /** What people call it; the id when nothing else is given. */
  name: string;
  /** Checks the fields; any Standard Schema. Its issues become `422 invalid`. The lead keeps what was typed. */
  fields: StandardSchemaV1 | null;
  /** Where a browser goes afterwards. @default a built-in thank-you page */
  thanks: string | null;
  /** Exact origins (`https://example.com`) that may post. Empty: any. */
  origins: readonly string[];
  consents: readonly ConsentControl[];
  /** Destination ids that receive its leads; null: all. */
  destinations: readonly string[] | null;
  /** Country whose phone numbers may be written without a prefix, ISO 3166-1 alpha-2. */
  country: string;
};

const formId = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** True when the text can name a form or a destination: lower-case letters, digits and hyphens, at most 64. */
export function isPlainId(text: string): boolean {
  return formId.test(text);
}

/** The consent controls of a form nobody configured. */
export const defaultConsents: readonly ConsentControl[] = [
  { field: "consent", purpose: "enquiry" },
  { field: "marketing_consent", purpose: "marketing" },
];
