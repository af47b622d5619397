import type { ConsentEvent } from "../../model/consent.ts";
import type { Block, Brand, MailDocument } from "./document.ts";
import { filled, type MailTexts } from "./texts/texts.ts";

export type ConfirmationMailInput = {
  language: string;
  texts: MailTexts;
  brand: Brand;
  /** What waits for the confirmation. Their wordings are the configuration's, never a visitor's. */
  requests: readonly ConsentEvent[];
  /** Where to confirm. */
  url: string;
  /** How long that works. */
  days: number;
};

/** The consent-confirmation: what somebody agreed to, word for word, and a link. Nothing a visitor typed, and no advertising. */
export function confirmationDocument(input: ConfirmationMailInput): MailDocument {
  const { language, brand, requests, url, days } = input;
  const { confirmation } = input.texts;
  const say = (text: string) => filled(text, { brand: brand.name, days: String(days) });
  return {
    language,
    subject: `${say(confirmation.subject)} | ${brand.name}`,
    preview: say(confirmation.preview),
    title: say(confirmation.title),
    blocks: [
      { type: "paragraph", text: `${say(confirmation.greeting)}\n\n${say(confirmation.agreed)}` },
      ...requests.flatMap(({ text, recipients = [] }): Block[] => [
        ...(text === null ? [] : [{ type: "quote" as const, heading: say(confirmation.wording), text }]),
        ...(recipients.length === 0
          ? []
          : [
              {
                type: "paragraph" as const,
                text: filled(confirmation.recipients, { brand: brand.name, recipients: recipients.join(", ") }),
              },
            ]),
      ]),
      { type: "paragraph", text: say(confirmation.press) },
      { type: "links", links: [{ label: say(confirmation.button), href: url }] },
      { type: "paragraph", text: `${say(confirmation.validity)} ${say(confirmation.ignore)}` },
      { type: "paragraph", text: say(confirmation.closing) },
    ],
    footer: [say(confirmation.why)],
  };
}
