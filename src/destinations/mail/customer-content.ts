import type { Lead } from "../../model/lead.ts";
import type { Brand, MailDocument } from "./document.ts";
import { dateTime, referenceOf } from "./particulars.ts";
import { filled, type MailTexts } from "./texts/texts.ts";

export type CustomerMailInput = {
  language: string;
  texts: MailTexts;
  brand: Brand;
  /** IANA name of the zone times are told in when the person's own is not known. */
  timeZone: string;
  /** Where consent can be withdrawn; null when there is none to withdraw. */
  withdrawUrl: string | null;
};

/**
 * The customer-confirmation. It says nothing a visitor typed, not even a name or the form's id from the address: else anyone
 * could have words of theirs sent to any address under the business's name. And it advertises nothing.
 */
export function customerDocument(
  lead: Lead,
  { language, texts, brand, timeZone, withdrawUrl }: CustomerMailInput,
): MailDocument {
  const { customer } = texts;
  const say = (text: string) => filled(text, { brand: brand.name });
  return {
    language,
    subject: `${say(customer.subject)} | ${brand.name}`,
    preview: say(customer.preview),
    title: say(customer.title),
    blocks: [
      { type: "paragraph", text: `${say(customer.greeting)}\n\n${say(customer.thanks)}` },
      { type: "paragraph", text: say(customer.next) },
      {
        type: "fields",
        heading: null,
        rows: [
          { label: customer.received, value: dateTime(lead.receivedAt, language, lead.timezone ?? timeZone) },
          { label: customer.reference, value: referenceOf(lead.id) },
        ],
      },
      { type: "paragraph", text: say(customer.add) },
      { type: "paragraph", text: say(customer.closing) },
    ],
    footer: [
      say(customer.why),
      ...(withdrawUrl === null ? [] : [{ label: say(customer.withdraw), href: withdrawUrl }]),
    ],
  };
}
