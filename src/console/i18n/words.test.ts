import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { defineWords, type Message, sayIn, type Words } from "./words.ts";

type AnyWords = Words<Record<string, Message>>;

const some = defineWords({
  en: { hello: "Hello, {name}", leads: { one: "{count} lead", other: "{count} leads" } },
  de: { hello: "Hallo, {name}", leads: { one: "{count} Lead", other: "{count} Leads" } },
});

test("a text takes its values, and numbers are written the viewer's way", () => {
  const t = sayIn(some, "de", "de-AT");
  expect(t("hello", { name: "Ada" })).toBe("Hallo, Ada");
  expect(t("leads", { count: 12_345 })).toMatch(/^12\D345 Leads$/);
});

test("one is one, and none is many", () => {
  const t = sayIn(some, "en", "en-GB");
  expect([t("leads", { count: 1 }), t("leads", { count: 0 })]).toEqual(["1 lead", "0 leads"]);
});

test("a value cannot bring a placeholder of its own", () => {
  const t = sayIn(some, "en", "en-GB");
  expect(t("hello", { name: "{name} $& {count}" })).toBe("Hello, {name} $& {count}");
});

test("every text stands in every language, with the same values in it", async () => {
  const wrong: string[] = [];
  for (const [file, { en, de }] of await allWords()) {
    for (const key of Object.keys(en)) {
      const [english, german] = [valuesIn(en[key]), valuesIn(de[key])];
      if (english.join() !== german.join()) wrong.push(`${file} ${key}: ${english} is not ${german}`);
    }
    wrong.push(
      ...Object.keys(de)
        .filter((key) => !(key in en))
        .map((key) => `${file} ${key}: only German`),
    );
  }
  expect(wrong).toEqual([]);
});

test("no text is empty", async () => {
  const texts = (await allWords()).flatMap(([, { en, de }]) =>
    [en, de].flatMap((each) => Object.values(each).flatMap(formsOf)),
  );
  expect(texts.filter((text) => text.trim() === "")).toEqual([]);
});

async function allWords(): Promise<[string, AnyWords][]> {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
  const found: [string, AnyWords][] = [];
  for (const file of files) {
    const exported: Record<string, unknown> = await import(/* @vite-ignore */ `${import.meta.dirname}/${file}`);
    for (const value of Object.values(exported)) if (isWords(value)) found.push([file, value]);
  }
  return found;
}

function isWords(value: unknown): value is AnyWords {
  return typeof value === "object" && value !== null && "en" in value && "de" in value && typeof value.en === "object";
}

function formsOf(message: Message): string[] {
  return typeof message === "string" ? [message] : Object.values(message);
}

/** What has to be given for a text; which of its plural forms says it does not matter. */
function valuesIn(message: Message | undefined): string[] {
  const texts = message === undefined ? ["{missing}"] : formsOf(message);
  return [...new Set(texts.flatMap((text) => text.match(/\{\w+\}/g) ?? []))].sort();
}
