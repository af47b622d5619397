type Parse = typeof import("libphonenumber-js/min").parsePhoneNumberFromString;
type Country = NonNullable<ReturnType<Parse>>["country"];

// Loaded with the first phone number: it takes longer to load than everything else here.
let loading: Promise<Parse> | null = null;

/** Recognises one phone number however a person at Pipedrive has written it. */
export type PhoneMatcher = {
  /** What to search for: digits without the country's prefix, which every way of writing it contains. */
  term: string;
  matches(written: string): boolean;
};

/** Numbers without a prefix are read as being of the same country as `phone`. */
export async function matcherOf(phone: string): Promise<PhoneMatcher> {
  loading ??= import("libphonenumber-js/min").then((library) => library.parsePhoneNumberFromString);
  const parse = await loading;
  const own = parse(phone);
  if (!own) return { term: phone.trim(), matches: (written) => digitsOf(written) === digitsOf(phone) };
  return {
    term: own.nationalNumber,
    matches: (written) => parse(written, own.country as NonNullable<Country>)?.number === own.number,
  };
}

function digitsOf(text: string): string {
  return text.replace(/\D/g, "");
}
