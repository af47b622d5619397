import { expect, test } from "vitest";
import { german } from "./de.ts";
import { english } from "./en.ts";
import { filled, languagesOf, mailTexts, textsIn } from "./texts.ts";

test.each([
  ["English", english],
  ["German", german],
])("%s says everything, with the places English has", (_, texts) => {
  const checked = mailTexts.parse(texts);
  for (const mail of ["team", "customer", "confirmation"] as const) {
    for (const [key, text] of Object.entries(english[mail])) {
      const said = (checked[mail] as Record<string, string>)[key] ?? "";
      expect([key, placesIn(said)]).toEqual([key, placesIn(text)]);
    }
  }
});

test("texts of one's own replace single ones, and begin a language that falls back to English", () => {
  const own = { de: { customer: { next: "Wir rufen an." } }, fr: { customer: { title: "Merci." } } };
  expect(textsIn("de", own)?.customer).toEqual({ ...german.customer, next: "Wir rufen an." });
  expect(textsIn("fr", own)?.customer).toEqual({ ...english.customer, title: "Merci." });
  expect(textsIn("it", own)).toBeNull();
  expect(languagesOf(own)).toEqual(["en", "de", "fr"]);
});

test("what is filled into a place is not filled again", () => {
  expect(filled("{person} at {brand}, {other}", { person: "{brand}", brand: "$& Ltd" })).toBe(
    "{brand} at $& Ltd, {other}",
  );
});

function placesIn(text: string): string[] {
  return (text.match(/\{\w+\}/g) ?? []).sort();
}
