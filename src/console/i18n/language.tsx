import { createContext, type ReactNode, use, useEffect, useMemo, useState } from "react";

export const languages = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof languages;

type Choice = {
  language: Language;
  /** For dates and numbers: the viewer's own variant of the language when the browser names one. */
  locale: string;
  choose(language: Language): void;
};

const LanguageContext = createContext<Choice>({ language: "en", locale: "en", choose: () => {} });
const storageKey = "leadkeep-language";

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState<Language>(() => languageAtStart(navigator.languages, stored()));
  useEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  const choice = useMemo<Choice>(
    () => ({
      language,
      locale: localeFor(language, navigator.languages),
      choose(next) {
        setLanguage(next);
        try {
          localStorage.setItem(storageKey, next);
        } catch {
          // Storage may be switched off; the choice then lasts until the page is closed.
        }
      },
    }),
    [language],
  );
  return <LanguageContext value={choice}>{children}</LanguageContext>;
}

export function useLanguage(): Choice {
  return use(LanguageContext);
}

/** What was chosen before, else the first of the browser's languages that we speak, else English. */
export function languageAtStart(preferred: readonly string[], chosen: string | null): Language {
  const known = [chosen ?? "", ...preferred].map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage);
  return known ?? "en";
}

/** For dates and numbers: the first of the browser's own variants of the language; some name ones that are none, such as `en-US@posix`. */
export function localeFor(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.toLowerCase().startsWith(language) && isLocale(tag)) ?? language;
}

function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

function isLanguage(tag: string): tag is Language {
  return tag in languages;
}

function stored(): string | null {
  try {
    return localStorage.getItem(storageKey);
  } catch {
    return null;
  }
}
