import { type FieldIndex, firstText } from "./field-index.ts";

/** A person's name, whole and in parts; null where not given. */
type PersonName = { name: string | null; firstName: string | null; lastName: string | null };

// Words that belong to the family name after them.
const particles = new Set(
  "af al av bin da dal dalla das de del della dem den der di do dos du el ibn la le ter ten van vom von zu zum zur".split(
    " ",
  ),
);
// After a comma these follow the name; anything else there is the first name.
const suffix = /^(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|mba|esq|ll\.?[bm]|m\.?sc|b\.?sc)\.?$/i;
const whitespace = /\s+/g;

/** Reads the whole name and its parts, and works out whichever was not given from the other. */
export function readName(index: FieldIndex): PersonName {
  const whole = collapsed(firstText(index, ["name", "fullname"]));
  const first = collapsed(firstText(index, ["firstname"]));
  const last = collapsed(firstText(index, ["lastname"]));
  if (whole === null) {
    return { name: [first, last].filter((part) => part !== null).join(" ") || null, firstName: first, lastName: last };
  }
  const split = splitName(whole);
  return { name: split.name, firstName: first ?? split.firstName, lastName: last ?? split.lastName };
}

/** Splits a name whose whitespace is collapsed: the last word and its particles are the last name; "Last, First" is turned round. */
function splitName(whole: string): PersonName {
  const [before = "", after = "", ...more] = whole.split(",").map((part) => part.trim());
  if (before !== "" && after !== "" && more.length === 0) {
    if (!suffix.test(after)) return { name: `${after} ${before}`, firstName: after, lastName: before };
    const { firstName, lastName } = splitWords(before);
    return { name: whole, firstName, lastName: lastName && `${lastName}, ${after}` };
  }
  return { name: whole, ...splitWords(whole) };
}

function splitWords(whole: string): Pick<PersonName, "firstName" | "lastName"> {
  const words = whole.split(" ");
  if (words.length === 1) return { firstName: whole, lastName: null };
  let start = words.length - 1;
  while (start > 1 && particles.has(words[start - 1]?.toLowerCase() ?? "")) start--;
  return { firstName: words.slice(0, start).join(" "), lastName: words.slice(start).join(" ") };
}

function collapsed(text: string | null): string | null {
  return text === null ? null : text.replace(whitespace, " ").trim();
}
