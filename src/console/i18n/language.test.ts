import { expect, test } from "vitest";
import { languageAtStart, localeFor } from "./language.tsx";

test("the language is the one chosen before, else the browser's first that we speak, else English", () => {
  expect(languageAtStart(["de-AT", "en"], "en")).toBe("en");
  expect(languageAtStart(["fr-FR", "de-AT", "en"], null)).toBe("de");
  expect(languageAtStart(["fr-FR"], "tlh")).toBe("en");
});

test("dates and numbers are written as in the viewer's own variant of the language", () => {
  expect(localeFor("en", ["de-AT", "en-IE", "en-US"])).toBe("en-IE");
});

test("a variant that is none is passed over", () => {
  expect(localeFor("en", ["en-US@posix", "en_GB", "en-IE"])).toBe("en-IE");
  expect(localeFor("en", ["en-US@posix"])).toBe("en");
});
