import * as z from "zod";
import type { Purpose } from "../../model/consent.ts";
import { defineDestination } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import { sampleLead } from "../../model/sample-lead.ts";
import { displayName, isPlainAddress, type Mailbox } from "./address.ts";
import { checkMail } from "./check.ts";
import type { MailContent, MailDocument } from "./document.ts";
import {
  brandOf,
  httpsUrl,
  knowsItsLanguage,
  mailboxes,
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
import { type TeamMailInput, teamDocument, withdrawalDocument } from "./team-content.ts";

const options = z
  .strictObject({
    ...mailOptions,
    /** Who is told: one address or several, as a list or separated by commas. */
    to: mailboxes(),
    /** The console's address, for a link to the lead. @default no link */
    consoleUrl: httpsUrl().nullable().default(null),
    /** IANA name of the zone times are told in. @default "UTC" */
    timeZone: timeZone(),
  })
  .refine(knowsItsLanguage, unknownLanguage);
type Options = z.output<typeof options>;

/**
 * The lead-notification: a mail to the team with all fields, the source and the consent. Answering it goes to the person, whose
 * address stands in Reply-To and nowhere else among the headers.
 */
export const mailTeam = defineDestination({
  kind: "mail-team",
  label: "Mail to the team",
  options,
  basis: "answering-the-enquiry",
  concurrency: connections,
  timeoutMs: attemptMs,
  backup: true,
  deliver: async (lead, options, context) => sendMail(await draft(lead, options), options.smtpUrl, context),
  withdraw: async ({ lead, purpose }, options, context) =>
    sendMail(withdrawalDraft(lead, purpose, options), options.smtpUrl, context),
  byHand:
    "Search the team's mailboxes for the lead's id, which stands at the end of its mails, and delete them with replies and forwards",
  check: checkMail,
  close: ({ smtpUrl }) => closeServer(smtpUrl),
  preview: (lead, options) => previewsOf(lead, options, (lead, language) => contentOf(lead, { ...options, language })),
  sendSample: async (address, options, context) =>
    sendSample(await draft(sampleLead(context.now()), options), address, options.smtpUrl, context),
});

async function draft(lead: Lead, options: Options): Promise<Draft> {
  return {
    from: senderOf(options),
    to: options.to,
    replyTo: personOf(lead),
    autoSubmitted: "auto-generated",
    mailKind: "lead-notification",
    content: await contentOf(lead, options),
  };
}

/** Nobody is to answer it. A template of one's own is for leads. */
function withdrawalDraft(lead: Lead, purpose: Purpose, options: Options): Draft {
  return {
    from: senderOf(options),
    to: options.to,
    replyTo: null,
    autoSubmitted: "auto-generated",
    mailKind: "consent-withdrawal",
    content: rendered(withdrawalDocument(lead, purpose, inputOf(options)), options),
  };
}

async function contentOf(lead: Lead, options: Options): Promise<MailContent> {
  const input = inputOf(options);
  const { language, texts, brand } = input;
  if (options.template) return options.template(lead, { language, texts, brand });
  return rendered(teamDocument(lead, input), options);
}

/** The team reads one language, whatever the form's is. */
function inputOf(options: Options): TeamMailInput {
  const { language, timeZone } = options;
  const consoleUrl = options.consoleUrl?.replace(/\/+$/, "") ?? null;
  return { language, texts: textsOf(language, options), brand: brandOf(options), consoleUrl, timeZone };
}

function rendered(document: MailDocument, options: Options): MailContent {
  const brand = brandOf(options);
  return { subject: document.subject, html: renderHtml(document, brand), text: renderText(document, brand) };
}

function personOf({ name, email }: Lead): Mailbox | null {
  return email !== null && isPlainAddress(email) ? { name: displayName(name ?? ""), address: email } : null;
}
