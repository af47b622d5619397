import { normaliseEmail } from "./email-address.ts";
import { type FieldIndex, textsOf } from "./field-index.ts";
import { normalisePhone } from "./phone-number.ts";
import type { FieldError } from "./refusal.ts";

/** How the person can be reached. `errors` is empty unless there is no way at all. */
export type Contact = { email: string | null; phone: string | null; errors: readonly FieldError[] };

const emailNames = ["email", "mail", "emailaddress"];
const phoneNames = ["phone", "tel", "telephone", "mobile", "phonenumber"];

/** The ways to be reached: the field to offer for each, and the canonical names it is read from. */
export const contactFields = [
  { field: "email", names: emailNames },
  { field: "phone", names: phoneNames },
];

/** Finds the first usable e-mail address and phone number. `country` is that of numbers without a prefix. */
export async function readContact(index: FieldIndex, country: string): Promise<Contact> {
  const emails = textsOf(index, emailNames);
  const phones = textsOf(index, phoneNames);
  const email = firstNormalised(emails, normaliseEmail);
  let phone: string | null = null;
  for (const { text } of phones) phone ??= await normalisePhone(text, country);
  if (email !== null || phone !== null) return { email, phone, errors: [] };
  const errors: FieldError[] = [];
  if (emails[0]) {
    errors.push({ field: emails[0].field, message: "Enter an e-mail address like name@example.com." });
  }
  if (phones[0]) errors.push({ field: phones[0].field, message: "Enter a phone number with its area code." });
  if (errors.length === 0) {
    errors.push({ field: "email", message: "Enter an e-mail address or a phone number, so that we can reach you." });
  }
  return { email, phone, errors };
}

function firstNormalised(
  texts: readonly { text: string }[],
  normalise: (text: string) => string | null,
): string | null {
  for (const { text } of texts) {
    const normalised = normalise(text);
    if (normalised !== null) return normalised;
  }
  return null;
}
