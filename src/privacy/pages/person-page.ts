import type { IntakeReply } from "../../intake/intake-request.ts";
import { escapeHtml, page, pageHeaders } from "../../intake/page.ts";
import type { ConsentEvent, Purpose } from "../../model/consent.ts";
import { type PageLanguage, pageTexts } from "./texts.ts";

/** Part of a page, as HTML. Text goes through `paragraph` and the like, which escape it. */
export type Markup = string;

/** Writes the pages of one visitor, in their language. */
export type PageWriter = ReturnType<typeof pageWriter>;

/**
 * Headers of a page whose address is a key: it is kept by nobody, told to nobody, framed by nobody, and posts only to where it
 * came from.
 */
const headers: Readonly<Record<string, string>> = {
  ...pageHeaders,
  "content-security-policy": `${pageHeaders["content-security-policy"]}; form-action 'self'; frame-ancestors 'none'`,
  "cache-control": "no-store",
  "referrer-policy": "no-referrer",
  "x-robots-tag": "noindex, nofollow",
};

/**
 * `wordings`: those of the configuration. Other wordings, and purposes that are more than a plain word, came with a form post
 * and are not shown: the page stands under the business's address, and anybody can post a form with somebody's address.
 */
export function pageWriter(language: PageLanguage, wordings: ReadonlySet<string>) {
  const texts = pageTexts(language);

  function purposeName(purpose: Purpose): string {
    if (Object.hasOwn(texts.purposes, purpose)) return texts.purposes[purpose] ?? texts.otherPurpose;
    return /^[a-z0-9][a-z0-9_-]{0,63}$/.test(purpose) ? purpose : texts.otherPurpose;
  }

  return {
    texts,
    purposeName,
    reply: (heading: { title: string; text: string }, more: Markup = "", status = 200): IntakeReply => ({
      status,
      headers: status === 503 ? { ...headers, "retry-after": "60" } : headers,
      body: page(heading.title, `${paragraph(heading.text)}${more}`, language),
    }),
    /** What was agreed to, in the words shown then where they are ours, and who gets the data. */
    wording({ purpose, action, text, recipients = [] }: ConsentEvent): Markup {
      // Only a configured wording is ever to be confirmed, though perhaps not one of today's configuration.
      const isOurs = text !== null && (action === "requested" || wordings.has(text));
      const words = isOurs ? `<blockquote>${escapeHtml(text)}</blockquote>\n` : paragraph(purposeName(purpose));
      return recipients.length === 0 ? words : `${words}${paragraph(`${texts.recipients} ${recipients.join(", ")}`)}`;
    },
  };
}

export function paragraph(text: string): Markup {
  return `<p>${escapeHtml(text)}</p>\n`;
}

export function list(texts: readonly string[]): Markup {
  return `<ul>\n${texts.map((text) => `<li>${escapeHtml(text)}</li>\n`).join("")}</ul>\n`;
}

/** A form of one button that posts to the page's own address, or to another token beside it. */
export function buttonForm(label: string, { inside = "", token }: { inside?: Markup; token?: string } = {}): Markup {
  const action = token === undefined ? "" : ` action="${escapeHtml(token)}"`;
  return `<form method="post"${action}>\n${inside}<button>${escapeHtml(label)}</button>\n</form>\n`;
}
