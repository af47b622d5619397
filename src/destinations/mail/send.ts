import * as z from "zod";
import type { DeliveryContext } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { domainOf, headerText, type Mailbox } from "./address.ts";
import type { MailContent } from "./document.ts";
import { handOver, type OutgoingMail } from "./smtp.ts";
import type { SmtpServer } from "./smtp-url.ts";

/** A mail without what is settled for every mail of ours alike. */
export type Draft = {
  from: Mailbox;
  to: readonly Mailbox[];
  replyTo: Mailbox | null;
  /** `auto-replied` to the person, `auto-generated` to the team (RFC 3834 §5). */
  autoSubmitted: "auto-replied" | "auto-generated";
  /** Which mail it is, as a header that mail rules can sort by. */
  mailKind:
    | "lead-notification"
    | "customer-confirmation"
    | "consent-confirmation"
    | "consent-withdrawal"
    | "alert"
    | "digest";
  content: MailContent;
  /** Further headers. Their values must come from us. */
  headers?: Readonly<Record<string, string>>;
};

const progress = z.object({ taken: z.array(z.string()) });

const content = z.object({ subject: z.string(), html: z.string().min(1), text: z.string().min(1) });

/** What a template answered, with its subject made fit for a header. @throws when it is not a mail's content */
export function checkedContent(answered: MailContent): MailContent {
  const { subject, html, text } = content.parse(answered);
  return { subject: headerText(subject, 160), html, text };
}

/** What sending needs of an attempt. `deliveryId`: the same on every attempt, and part of the Message-ID. */
export type SendContext = Pick<DeliveryContext, "progress" | "save" | "signal" | "now"> & { deliveryId: string };

/**
 * Sends a mail. When the server took it for some recipients and wants to be asked again for others, the next attempt goes to
 * those only; recipients refused for good are told as a warning.
 */
export async function sendMail(draft: Draft, server: SmtpServer, context: SendContext): Promise<Outcome> {
  const saved = progress.safeParse(context.progress);
  const taken = new Set(saved.success ? saved.data.taken : []);
  const recipients = draft.to.map(({ address }) => address).filter((address) => !taken.has(address));
  const mail = outgoing(draft, server, { ...context, recipients });
  const handed =
    recipients.length > 0 ? await handOver(mail, server, context.signal) : { type: "taken" as const, refused: [] };
  if (handed.type === "failed") return handed.outcome;
  const later = handed.refused.find(({ outcome }) => outcome.type !== "rejected");
  if (later) {
    const refused = new Set(handed.refused.map(({ address }) => address));
    await context.save({ taken: [...taken, ...recipients.filter((address) => !refused.has(address))] });
    return later.outcome;
  }
  const count = handed.refused.length;
  const warnings = count > 0 ? [`${count} of ${draft.to.length} addresses were refused by the mail server`] : [];
  return { type: "delivered", ref: mail.messageId, ...(warnings.length > 0 ? { warnings } : {}) };
}

/** The mail with its headers. Also what a test mail is made with. */
export function outgoing(
  { from, to, replyTo, autoSubmitted, mailKind, content, headers = {} }: Draft,
  server: SmtpServer,
  { deliveryId, recipients, now }: { deliveryId: string; recipients: readonly string[]; now(): number },
): OutgoingMail {
  return {
    messageId: `<${deliveryId}@${domainOf(from.address)}>`,
    from,
    to,
    recipients,
    replyTo,
    date: new Date(now()),
    headers: {
      "Auto-Submitted": autoSubmitted,
      // Keeps Exchange from answering with out-of-office notes and receipts, per
      // https://learn.microsoft.com/en-us/openspecs/exchange_server_protocols/ms-oxcmail (read 2026-11).
      "X-Auto-Response-Suppress": "All",
      "X-Leadkeep-Mail": mailKind,
      ...headers,
      ...idempotencyOf(server, deliveryId),
    },
    content: checkedContent(content),
  };
}

/** Resend drops a repeat within 24 hours, per https://resend.com/docs/dashboard/emails/idempotency-keys (read 2026-11). */
function idempotencyOf({ host }: SmtpServer, deliveryId: string): Record<string, string> {
  return /(?:^|\.)resend\.com$/i.test(host) ? { "Resend-Idempotency-Key": deliveryId } : {};
}
