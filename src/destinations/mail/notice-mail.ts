import type { Outcome } from "../../model/outcome.ts";
import { type Mailbox, parseMailbox, parseMailboxes } from "./address.ts";
import type { Block, Brand, MailContent, MailDocument } from "./document.ts";
import { brandOf, senderOf } from "./options.ts";
import { renderHtml } from "./render-html.ts";
import { renderText } from "./render-text.ts";
import { type Draft, sendMail } from "./send.ts";
import { closeServer } from "./smtp.ts";
import { parseSmtpUrl } from "./smtp-url.ts";

/** What a notice says. All of it comes from us. */
export type NoticeText = {
  subject: string;
  sections: readonly { what: string; since: string; leads: string | null; cure: string | null; link: string | null }[];
  footer: string;
};

/** A mail to those who run this. `id`: becomes its Message-ID, the same on every attempt. */
export type NoticeMail = { id: string } & (
  | { kind: "alert"; words: NoticeText; type: string }
  | { kind: "digest"; content: MailContent }
);

/** Colours that say at once whether something is wrong or over. */
const colours = { wrong: "#b3261e", over: "#2b7a3d" };

/** Sends notices through a mail server. Addresses are those a configuration has checked. */
export function createNoticeMailer({ smtpUrl, from, to }: { smtpUrl: string; from: string; to: string }) {
  const server = parseSmtpUrl(smtpUrl);
  const [sender, recipients] = [parseMailbox(from), parseMailboxes(to)];
  if (!server || !sender || !recipients) throw new Error("the mail's configuration was not checked");
  const options = { from: sender, brand: { colour: colours.wrong, logo: null, website: null } };

  /** Taken by some recipients and put off by others, it goes to all again. */
  async function send(mail: NoticeMail, { signal, now }: { signal: AbortSignal; now(): number }): Promise<Outcome> {
    const draft: Draft = {
      from: senderOf(options),
      to: recipients as Mailbox[],
      replyTo: null,
      autoSubmitted: "auto-generated",
      mailKind: mail.kind,
      content: "content" in mail ? mail.content : contentOf(mail, brandOf(options)),
    };
    return sendMail(draft, server as NonNullable<typeof server>, {
      deliveryId: mail.id,
      progress: null,
      save: async () => {},
      signal,
      now,
    });
  }

  return { send, close: () => closeServer(server) };
}

function contentOf({ words, type }: NoticeMail & { kind: "alert" }, named: Brand): MailContent {
  const brand = type === "over" ? { ...named, colour: colours.over } : named;
  const document = documentOf(words, brand);
  return { subject: document.subject, html: renderHtml(document, brand), text: renderText(document, brand) };
}

function documentOf({ subject, sections, footer }: NoticeText, { name }: Brand): MailDocument {
  const [first] = sections;
  return {
    language: "en",
    subject: `[${name}] ${subject}`,
    preview: first?.cure ?? first?.leads ?? footer,
    title: subject,
    blocks: sections.flatMap((one) => blocksOf(one, sections.length === 1)),
    footer: [footer],
  };
}

/** The title says what it is about when there is only one. */
function blocksOf({ what, since, leads, cure, link }: NoticeText["sections"][number], isOnly: boolean): Block[] {
  const about = `${since}.${leads === null ? "" : ` ${leads}`}`;
  return [
    { type: "paragraph", text: isOnly ? about : `${what}\n${about}` },
    ...(cure === null ? [] : [{ type: "quote" as const, heading: "What to do", text: cure }]),
    ...(link === null ? [] : [{ type: "links" as const, links: [{ label: "Open in the console", href: link }] }]),
  ];
}
