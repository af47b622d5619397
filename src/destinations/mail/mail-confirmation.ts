import * as z from "zod";
import { type ConsentEvent, standingConsents } from "../../model/consent.ts";
import { defineDestination } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import type { Outcome } from "../../model/outcome.ts";
import { sampleLead } from "../../model/sample-lead.ts";
import { isPlainAddress, parseMailbox } from "./address.ts";
import { checkMail } from "./check.ts";
import { confirmationDocument } from "./confirmation-content.ts";
import type { MailContent } from "./document.ts";
import {
  brandOf,
  durationMs,
  knowsItsLanguage,
  languageOf,
  mailOptions,
  senderOf,
  textsOf,
  unknownLanguage,
} from "./options.ts";
import { previewsOf } from "./preview.ts";
import { renderHtml } from "./render-html.ts";
import { renderText } from "./render-text.ts";
import { type Draft, sendMail } from "./send.ts";
import { sendSample } from "./send-sample.ts";
import { attemptMs, closeServer, connections } from "./smtp.ts";
import { languagesOf } from "./texts/texts.ts";

// A template of one's own could leave the link out, or say more than may be said before a consent.
const { template: _, ...common } = mailOptions;

const options = z
  .strictObject({
    ...common,
    /** Where the person's answer goes. @default `from` */
    replyTo: z
      .string()
      .refine((text) => parseMailbox(text) !== null, "must be one mail address")
      .optional(),
    /** A person gets at most one in this time, whatever they fill in, so that nobody can have an address flooded. @default "24h" */
    onceEvery: durationMs().prefault("24h"),
  })
  .refine(knowsItsLanguage, unknownLanguage);
type Options = z.output<typeof options>;

/** How long a link works; the page that reads it decides. */
const days = 7;
/** Where the links of previews and samples lead: nowhere. */
const sampleUrl = "https://leads.example.com/c/sample";

/**
 * The consent-confirmation, second half of a double opt-in: asks the owner of an address whether the consent given with it is
 * theirs. It rests on that request itself, and has a purpose of its own, so that no other withdrawal stops it.
 */
export const mailConfirmation = defineDestination({
  kind: "mail-confirmation",
  label: "Mail that asks for confirmation",
  options,
  purpose: "confirmation",
  basis: "answering-the-enquiry",
  concurrency: connections,
  timeoutMs: attemptMs,
  oncePerPersonMs: ({ onceEvery }) => onceEvery,
  wants: (lead) => requestsOf(lead).length > 0,
  async deliver(lead, options, context): Promise<Outcome> {
    const requests = requestsOf(lead);
    if (requests.length === 0) return notSent("nothing waits for a confirmation any more");
    if (lead.email === null) return notSent("the person gave no mail address, so nobody can confirm");
    if (!isPlainAddress(lead.email)) return rejected("address_unusable", "the address is not one plain mail address");
    if (lead.state !== "active") return rejected("not_active", "only active leads are asked");
    const url = context.links.confirm(lead);
    if (url === null) {
      const message = "the gateway does not know its own address: set PUBLIC_URL";
      return { type: "blocked", reason: { code: "no_public_url", message } };
    }
    return sendMail(draft(lead, lead.email, requests, url, options), options.smtpUrl, context);
  },
  /** The mail is in the person's own mailbox, and no use of their data goes on. */
  erase: async () => ({ type: "delivered", warnings: ["the mail itself is with the person"] }),
  check: checkMail,
  close: ({ smtpUrl }) => closeServer(smtpUrl),
  preview: (lead, options) =>
    previewsOf(lead, options, async (lead, language) =>
      contentOf(language, sampleRequests(lead.receivedAt), sampleUrl, options),
    ),
  sendSample: async (address, options, context) => {
    const now = context.now();
    const mail = draft(sampleLead(now), address, sampleRequests(now), sampleUrl, options);
    return sendSample(mail, address, options.smtpUrl, context);
  },
});

function requestsOf({ consents }: Lead): ConsentEvent[] {
  return standingConsents(consents).filter(({ action }) => action === "requested");
}

function draft(lead: Lead, address: string, requests: readonly ConsentEvent[], url: string, options: Options): Draft {
  return {
    from: senderOf(options),
    to: [{ name: "", address }],
    replyTo: options.replyTo === undefined ? null : parseMailbox(options.replyTo),
    autoSubmitted: "auto-replied",
    mailKind: "consent-confirmation",
    content: contentOf(languageIn(lead, requests, options), requests, url, options),
  };
}

function contentOf(language: string, requests: readonly ConsentEvent[], url: string, options: Options): MailContent {
  const brand = brandOf(options);
  const texts = textsOf(language, options);
  const document = confirmationDocument({ language, texts, brand, requests, url, days });
  return { subject: document.subject, html: renderHtml(document, brand), text: renderText(document, brand) };
}

/** The language of the wording, so that the mail around it is in the same; else the one the form sent, or the configured one. */
function languageIn(lead: Lead, requests: readonly ConsentEvent[], options: Options): string {
  const ofWording = requests[0]?.locale?.toLowerCase().split("-")[0];
  return languagesOf(options.texts).find((one) => one === ofWording) ?? languageOf(lead, options);
}

function sampleRequests(at: number): ConsentEvent[] {
  return [
    {
      purpose: "marketing",
      action: "requested",
      text: "Write to me about news and offers, once a month at most.",
      version: "2026-11",
      at,
      source: "form",
      control: "marketing_consent",
      pageUrl: null,
      recipients: ["Example Mailing Ltd"],
    },
  ];
}

function notSent(why: string): Outcome {
  return { type: "delivered", warnings: [`no mail was sent: ${why}`] };
}

function rejected(code: string, message: string): Outcome {
  return { type: "rejected", reason: { code, message } };
}
