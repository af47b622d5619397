import { Resolver } from "node:dns/promises";
import * as z from "zod";
import type { Lead } from "../../model/lead.ts";
import { parseDuration } from "../../model/schedule.ts";
import { secret } from "../shared/options.ts";
import { domainOf, headerText, type Mailbox, parseMailbox, parseMailboxes } from "./address.ts";
import { hexColour } from "./colour.ts";
import type { Brand, MailContent } from "./document.ts";
import { parseSmtpUrl } from "./smtp-url.ts";
import { languagesOf, type MailTexts, ownTexts, textsIn } from "./texts/texts.ts";

/** What a template of one's own gets beside the lead. */
export type TemplateContext = {
  language: string;
  texts: MailTexts;
  brand: Brand;
  /** In the mail to the person: where they can withdraw consent; null when there is none to withdraw. */
  withdrawUrl?: string | null;
};

/** A template of one's own. Everything in the lead was typed by a visitor: escape it. */
export type MailTemplate = (lead: Lead, context: TemplateContext) => MailContent | Promise<MailContent>;

const brandOptions = z.strictObject({
  /** @default the name in `from`, else its domain */
  name: z.string().min(1).optional(),
  /** `#rrggbb`. @default "#2450a8" */
  colour: z.string().regex(hexColour, "must be a colour such as #2450a8").default("#2450a8"),
  /** An image on the web, shown instead of the name. `width` in pixels, at most 300. @default none */
  logo: z
    .strictObject({ url: httpsUrl(), width: z.number().int().min(16).max(300).default(160) })
    .nullable()
    .default(null),
  /** Linked from the name at the end. @default none */
  website: httpsUrl().nullable().default(null),
});

/** The options both mails share. */
export const mailOptions = {
  /** `smtp://user:password@host:587` or `smtps://…:465`; special characters of the password URL-encoded. */
  smtpUrl: secret().transform(
    orIssue(parseSmtpUrl, "must be an address such as smtp://user:password@smtp.example.com:587"),
  ),
  /** The sender, `Name <name@example.com>`. Its domain must be one you may send for. */
  from: z.string().transform(orIssue(parseMailbox, "must be one mail address, such as Example <hello@example.com>")),
  brand: brandOptions.prefault({}),
  /** Two-letter code of the language used unless the form says otherwise. @default "en" */
  language: z.string().default("en"),
  /** Texts by language that replace the built-in ones, or add a language. */
  texts: z.record(z.string().regex(/^[a-z]{2,3}$/, "must be a code such as fr"), ownTexts).default({}),
  /** Makes the whole mail instead of the built-in template. */
  template: z.custom<MailTemplate>((value) => typeof value === "function", "must be a function").optional(),
  /** Where the DKIM key is looked up: `<selector>._domainkey.<domain>`. @default the selectors of well-known providers */
  dkimSelector: z
    .string()
    .regex(/^[\w.-]+$/, "must be a DKIM selector")
    .optional(),
  /** DNS servers that checks ask, as `address` or `address:port`. @default the machine's */
  dnsServers: z
    .array(z.string().refine((text) => succeeds(() => new Resolver().setServers([text])), "must be an IP address"))
    .min(1)
    .optional(),
};

/** Refuses a default language nobody wrote texts for. */
export function knowsItsLanguage({ language, texts }: Pick<CommonOptions, "language" | "texts">): boolean {
  return textsIn(language, texts) !== null;
}
export const unknownLanguage = { path: ["language"], error: "has no texts: use en or de, or give its texts" };

export type CommonOptions = z.output<z.ZodObject<typeof mailOptions>>;

/** IANA name of a time zone. */
export function timeZone() {
  const isKnown = (name: string) => succeeds(() => new Intl.DateTimeFormat("en", { timeZone: name }));
  return z.string().refine(isKnown, "must be a time zone such as Europe/Berlin").default("UTC");
}

/** One address, or several. */
export function mailboxes() {
  const several = z.union([z.string(), z.array(z.string()).min(1)]).transform((given) => [given].flat().join(","));
  return several.transform(orIssue(parseMailboxes, "must be mail addresses, separated by commas"));
}

/** A length of time such as `24h`, as milliseconds. */
export function durationMs() {
  return z
    .string()
    .transform(
      orIssue(
        (text) => (succeeds(() => parseDuration(text)) ? parseDuration(text) : null),
        "must be a length of time such as 24h",
      ),
    );
}

/** An address of ours that goes into a link or an image. */
export function httpsUrl(): z.ZodURL {
  return z.url({ protocol: /^https?$/, error: "must be an http or https address" });
}

/** The brand with its name settled. */
export function brandOf({ brand, from }: Pick<CommonOptions, "brand" | "from">): Brand {
  const { name, colour, logo, website } = brand;
  return { name: headerText(name ?? (from.name || domainOf(from.address))), colour, logo, website };
}

/** The language a form sent in a field `language`, `lang` or `locale`, if there are texts for it; else the configured one. */
export function languageOf(lead: Lead, { language, texts }: Pick<CommonOptions, "language" | "texts">): string {
  const known = languagesOf(texts);
  const sent = Object.entries(lead.formData).find(([name]) => /^(?:language|lang|locale)$/i.test(name))?.[1];
  const code = typeof sent === "string" ? sent.trim().toLowerCase().split(/[-_]/)[0] : undefined;
  return known.find((one) => one === code) ?? language;
}

/** The texts of a known language. */
export function textsOf(language: string, { texts }: Pick<CommonOptions, "texts">): MailTexts {
  const found = textsIn(language, texts);
  if (!found) throw new Error(`there are no texts for "${language}"`);
  return found;
}

/** The From as it goes out: the brand's name stands in when the address has none. */
export function senderOf(options: Pick<CommonOptions, "brand" | "from">): Mailbox {
  return { ...options.from, name: options.from.name || brandOf(options).name };
}

function succeeds(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}

function orIssue<T>(read: (text: string) => T | null, message: string) {
  return (text: string, context: z.RefinementCtx): T => {
    const value = read(text);
    if (value !== null) return value;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  };
}
