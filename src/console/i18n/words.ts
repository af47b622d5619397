import { useMemo } from "react";
import { type Language, useLanguage } from "./language.tsx";

/** A text with `{name}` where a value goes; or one for each plural form of `{count}`. */
export type Message = string | { one: string; other: string };
type Messages = Record<string, Message>;

/** The texts of a page or component in every language; what English says, the others must say too. */
export type Words<English extends Messages> = {
  en: English;
  de: { [Key in keyof English]: English[Key] extends string ? string : Message };
};

/**
 * Keeps a page's words beside each other, checked for completeness:
 * `const words = defineWords({ en: { sent: "{count} sent" }, de: { sent: "{count} gesendet" } })`.
 */
export function defineWords<const English extends Messages>(words: Words<English>): Words<English> {
  return words;
}

type Placeholders<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
type Values<Text> = Text extends { one: infer One; other: infer Other }
  ? { count: number } & Record<Exclude<Placeholders<One> | Placeholders<Other>, "count">, string | number>
  : Record<Placeholders<Text>, string | number>;
/** For one of several texts, what any of them needs. */
type All<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer Every) => void
  ? Every
  : never;
type Arguments<Text> = [keyof All<Values<Text>>] extends [never] ? [] : [values: All<Values<Text>>];

/** Says a text: `t("sent", { count: 3 })`. Numbers are written the viewer's way. */
export type Say<English extends Messages> = <Key extends keyof English>(
  key: Key,
  ...values: Arguments<English[Key]>
) => string;

/** The `t` of a page's words in the viewer's language. */
export function useWords<English extends Messages>(words: Words<English>): Say<English> {
  const { language, locale } = useLanguage();
  return useMemo(() => sayIn(words, language, locale), [words, language, locale]);
}

export function sayIn<English extends Messages>(
  words: Words<English>,
  language: Language,
  locale: string,
): Say<English> {
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(locale);
  return (key, ...[values]) => {
    const message: Message = words[language][key] ?? words.en[key] ?? String(key);
    const given: Record<string, string | number> = values ?? {};
    const text =
      typeof message === "string" ? message : message[plural.select(Number(given.count)) === "one" ? "one" : "other"];
    return text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = given[name];
      return typeof value === "number" ? number.format(value) : (value ?? "");
    });
  };
}
