import type { Preview } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import type { MailContent } from "./document.ts";
import { html, lines } from "./html.ts";
import type { CommonOptions } from "./options.ts";
import { checkedContent } from "./send.ts";
import { languagesOf } from "./texts/texts.ts";

/** A mail in every language there are texts for: its HTML part, and its plain text as a page of its own. */
export async function previewsOf(
  lead: Lead,
  { texts }: Pick<CommonOptions, "texts">,
  contentOf: (lead: Lead, language: string) => Promise<MailContent>,
): Promise<Preview[]> {
  const previews: Preview[] = [];
  for (const language of languagesOf(texts)) {
    const content = checkedContent(await contentOf(lead, language));
    previews.push({ name: language, title: content.subject, html: content.html });
    previews.push({ name: `${language}-text`, title: content.subject, html: textPage(content) });
  }
  return previews;
}

function textPage({ subject, text }: MailContent): string {
  return html`<!doctype html>
<html><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${subject}</title></head>
<body><p><strong>${subject}</strong></p><pre style="white-space:pre-wrap;max-width:80ch;">${lines(text)}</pre></body></html>
`.html;
}
