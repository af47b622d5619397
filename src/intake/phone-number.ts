import type { CountryCode, PhoneNumber } from "libphonenumber-js/core";

type Parse = (text: string, country?: CountryCode) => PhoneNumber | undefined;

const fewestDigits = 5;
const notDigit = /\P{Nd}/gu;

// Loaded with the first phone number: it takes longer to load than all the rest of intake.
let loading: Promise<Parse> | null = null;

function loadParser(): Promise<Parse> {
  loading ??= makeParser();
  return loading;
}

/**
 * The library's parser, with each calling code standing for its main country alone. Which one of several a number is of costs half of
 * the parsing and is not asked here; it matters only where numbers without a prefix are of another one of them.
 */
async function makeParser(): Promise<Parse> {
  const [{ parsePhoneNumberFromString: parse }, { default: metadata }] = await Promise.all([
    import("libphonenumber-js/core"),
    import("libphonenumber-js/min/metadata"),
  ]);
  const main = Object.entries(metadata.country_calling_codes).map(([code, countries]) => [code, countries.slice(0, 1)]);
  const others = new Set(Object.values(metadata.country_calling_codes).flatMap((countries) => countries.slice(1)));
  const brief = { ...metadata, country_calling_codes: Object.fromEntries(main) };
  return (text, country) => {
    if (country === undefined) return parse(text, brief);
    return parse(text, country, others.has(country) ? metadata : brief);
  };
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
