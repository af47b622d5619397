import * as z from "zod";
import { defineDestination } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { sampleLead } from "../../model/sample-lead.ts";
import { isPlainAddress, parseMailbox } from "./address.ts";
import { checkMail } from "./check.ts";
import { customerDocument } from "./customer-content.ts";
import type { MailContent } from "./document.ts";
import {
  brandOf,
  durationMs,
  knowsItsLanguage,
  languageOf,
  mailOptions,
  senderOf,
  textsOf,
  timeZone,
  unknownLanguage,
} from "./options.ts";
import { previewsOf } from "./preview.ts";
import { renderHtml } from "./render-html.ts";
import { renderText } from "./render-text.ts";
import { type Draft, sendMail } from "./send.ts";
import { sendSample } from "./send-sample.ts";
import { attemptMs, closeServer, connections } from "./smtp.ts";

const options = z
  .strictObject({
    ...mailOptions,
    /** Where the person's answer goes. @default `from` */
    replyTo: z
      .string()
      .refine((text) => parseMailbox(text) !== null, "must be one mail address")
      .optional(),
    /** A person gets at most one confirmation in this time, so that nobody can have an address flooded. @default "24h" */
    onceEvery: durationMs().prefault("24h"),
    /** IANA name of the zone times are told in when the form did not send the person's own. @default "UTC" */
    timeZone: timeZone(),
  })
  .refine(knowsItsLanguage, unknownLanguage);
type Options = z.output<typeof options>;

/** The purpose whose mails carry an unsubscribe button. */
const marketing = "marketing";
/** Where the link of previews and samples leads: nowhere. */
const sampleUrl = "https://leads.example.com/u/sample";

/**
 * The customer-confirmation: tells a person that their enquiry has arrived. It rests on answering that enquiry, so it holds no
 * marketing; and since anybody can type anybody's address, nothing of what was typed.
 */
export const mailCustomer = defineDestination({
  kind: "mail-customer",
  label: "Mail to the person",
  options,
  basis: "answering-the-enquiry",
  concurrency: connections,
  timeoutMs: attemptMs,
  oncePerPersonMs: ({ onceEvery }) => onceEvery,
  async deliver(lead, options, context): Promise<Outcome> {
    if (lead.email === null)
      return { type: "delivered", warnings: ["no mail was sent: the person gave no mail address"] };
    if (!isPlainAddress(lead.email)) return rejected("address_unusable", "the address is not one plain mail address");
    if (lead.state !== "active") return rejected("not_active", "only active leads are confirmed");
    const { links, purpose } = context;
    const mail = await draft(lead, lead.email, links.withdraw(lead), options);
    const headers = purpose === marketing ? unsubscribeHeaders(links.withdraw(lead, purpose)) : {};
    return sendMail({ ...mail, headers }, options.smtpUrl, context);
  },
  /** The mail is in the person's own mailbox, and no use of their data goes on: nothing is left to stop or to remove. */
  withdraw: async () => ({ type: "delivered" }),
  erase: async () => ({ type: "delivered", warnings: ["the mail itself is with the person"] }),
  check: checkMail,
  close: ({ smtpUrl }) => closeServer(smtpUrl),
  preview: (lead, options) =>
    previewsOf(lead, options, (lead, language) => contentOf(lead, language, sampleUrl, options)),
  sendSample: async (address, options, context) =>
    sendSample(await draft(sampleLead(context.now()), address, sampleUrl, options), address, options.smtpUrl, context),
});

async function draft(lead: Lead, address: string, withdrawUrl: string | null, options: Options): Promise<Draft> {
  return {
    from: senderOf(options),
    to: [{ name: "", address }],
    replyTo: options.replyTo === undefined ? null : parseMailbox(options.replyTo),
    autoSubmitted: "auto-replied",
    mailKind: "customer-confirmation",
    content: await contentOf(lead, languageOf(lead, options), withdrawUrl, options),
  };
}

/** What mail programs make an unsubscribe button of, per https://www.rfc-editor.org/rfc/rfc8058 (read 2026-11). */
function unsubscribeHeaders(url: string | null): Record<string, string> {
  if (url === null) return {};
  return { "List-Unsubscribe": `<${url}>`, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click" };
}

async function contentOf(
  lead: Lead,
  language: string,
  withdrawUrl: string | null,
  options: Options,
): Promise<MailContent> {
  const { template, timeZone } = options;
  const brand = brandOf(options);
  const texts = textsOf(language, options);
  if (template) return template(lead, { language, texts, brand, withdrawUrl });
  const document = customerDocument(lead, { language, texts, brand, timeZone, withdrawUrl });
  return { subject: document.subject, html: renderHtml(document, brand), text: renderText(document, brand) };
}

function rejected(code: string, message: string): Outcome {
  return { type: "rejected", reason: { code, message } };
}
