import type { CountryCode } from "libphonenumber-js/min";

type Parse = typeof import("libphonenumber-js/min").parsePhoneNumberFromString;

const fewestDigits = 5;
const notDigit = /\P{Nd}/gu;

// Loaded with the first phone number: it takes longer to load than all the rest of intake.
let loading: Promise<Parse> | null = null;

function loadParser(): Promise<Parse> {
  loading ??= import("libphonenumber-js/min").then((library) => library.parsePhoneNumberFromString);
  return loading;
}

/**
 * A phone number in E.164 when it is a possible one, numbers without a prefix being of `country`. Otherwise the text
 * as typed, provided a person could still dial it: it has at least five digits. Null when not.
 */
export async function normalisePhone(text: string, country: string): Promise<string | null> {
  const typed = text.trim();
  if (typed.replace(notDigit, "").length < fewestDigits) return null;
  const parse = await loadParser();
  const parsed = parse(typed, country as CountryCode);
  return parsed?.isPossible() ? parsed.number : typed;
}

/** The digits of an E.164 number that stand in any spelling of it: without the prefixes; those of the text when it is none. */
export async function nationalDigits(number: string): Promise<string> {
  const parse = await loadParser();
  return parse(number)?.nationalNumber ?? number.replace(notDigit, "");
}
