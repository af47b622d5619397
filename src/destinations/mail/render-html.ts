import { inkOn, readableOn } from "./colour.ts";
import type { Block, Brand, FieldRow, FooterLine, MailDocument } from "./document.ts";
import { type Html, html, lines } from "./html.ts";

const paper = "#f1f3f6";
const card = "#ffffff";
const ink = "#1c222b";
const soft = "#5a6472";
const line = "#dfe3e9";
const darkCard = "#1d222b";
const font = "font-family:Arial,Helvetica,sans-serif;";
const breakAnywhere = "word-break:break-word;overflow-wrap:anywhere;";

/**
 * The HTML part. Tables and inline styles, since Outlook on Windows renders with Word; the style element only adds what dark
 * mode and narrow screens need, for the programs that read it.
 */
export function renderHtml(document: MailDocument, brand: Brand): string {
  const { language, subject, preview, title, blocks, footer } = document;
  const link = readableOn(card, brand.colour);
  return html`<!doctype html>
<html lang="${language}" xmlns:o="urn:schemas-microsoft-com:office:office">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${subject}</title>
${forOutlook}
${styles(brand)}
</head>
<body class="paper" style="margin:0;padding:0;background-color:${paper};-webkit-text-size-adjust:100%;">
<div style="display:none;max-height:0;overflow:hidden;font-size:1px;line-height:1px;color:${paper};">${preview}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="${paper}" class="paper" style="background-color:${paper};">
<tr><td align="center" class="around" style="padding:24px 12px;">
${outlookOnly('<table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0"><tr><td>')}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="${card}" class="card" style="max-width:600px;background-color:${card};border:1px solid ${line};">
<tr><td bgcolor="${brand.colour}" class="inside" style="background-color:${brand.colour};padding:18px 28px;${font}font-size:17px;line-height:24px;font-weight:bold;color:${inkOn(brand.colour)};">${masthead(brand)}</td></tr>
<tr><td class="inside ink" style="padding:26px 28px 4px;${font}color:${ink};"><h1 style="margin:0;font-size:22px;line-height:30px;font-weight:bold;${breakAnywhere}">${title}</h1></td></tr>
${blocks.map((block, index) => row(block, index, brand, link))}
<tr><td class="inside" style="padding:22px 28px 26px;"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="soft line" style="border-top:1px solid ${line};padding-top:16px;${font}font-size:13px;line-height:19px;color:${soft};">
${signature(brand)}${footer.map((one) => html`<p style="margin:6px 0 0;${breakAnywhere}">${footerLine(one)}</p>`)}
</td></tr></table></td></tr>
</table>
${outlookOnly("</td></tr></table>")}
</td></tr>
</table>
</body>
</html>
`.html;
}

function row(block: Block, index: number, brand: Brand, link: string): Html {
  const space = index === 0 ? "14px" : "20px";
  return html`<tr><td class="inside ink" style="padding:${space} 28px 0;${font}font-size:15px;line-height:23px;color:${ink};">${content(block, brand, link)}</td></tr>
`;
}

function content(block: Block, brand: Brand, link: string): Html {
  switch (block.type) {
    case "paragraph":
      return html`<p style="margin:0;${breakAnywhere}">${lines(block.text)}</p>`;
    case "quote":
      return html`${headingOf(block.heading)}<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="ink" style="border-left:4px solid ${brand.colour};padding:2px 0 2px 14px;${font}font-size:15px;line-height:23px;color:${ink};${breakAnywhere}">${lines(block.text)}</td></tr></table>`;
    case "fields":
      return html`${block.heading !== null && headingOf(block.heading)}<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="table-layout:fixed;">${block.rows.map((one) => fieldRow(one, link))}</table>`;
    case "links":
      return html`<table role="presentation" cellpadding="0" cellspacing="0" border="0"><tr>${block.links.map((one, index) => button(one, index, brand, link))}</tr></table>`;
  }
}

function headingOf(text: string): Html {
  return html`<h2 class="soft" style="margin:0 0 8px;font-size:13px;line-height:18px;font-weight:bold;color:${soft};">${text}</h2>`;
}

function fieldRow({ label, value, href }: FieldRow, link: string): Html {
  const shown =
    href === undefined ? lines(value) : html`<a class="link" href="${href}" style="color:${link};">${value}</a>`;
  const cell = `border-top:1px solid ${line};padding:7px 0;${font}font-size:15px;line-height:21px;vertical-align:top;${breakAnywhere}`;
  return html`<tr><td class="soft line" width="32%" valign="top" style="${cell}color:${soft};padding-right:12px;">${label}</td><td class="ink line" width="68%" valign="top" style="${cell}color:${ink};">${shown}</td></tr>`;
}

/** The first is filled with the brand's colour, further ones are only framed. */
function button({ label, href }: { label: string; href: string }, index: number, brand: Brand, link: string): Html {
  const main = index === 0;
  const [background, frame, text] = main ? [brand.colour, brand.colour, inkOn(brand.colour)] : [card, line, link];
  const space = html`<td width="10" class="gap" style="font-size:1px;line-height:10px;">&nbsp;</td>`;
  return html`${!main && space}<td bgcolor="${background}" class="stack${main ? "" : " card line"}" style="background-color:${background};border:1px solid ${frame};padding:10px 18px;${font}font-size:15px;line-height:20px;"><a class="${main ? "" : "link"}" href="${href}" style="color:${text};text-decoration:none;font-weight:bold;">${label}</a></td>`;
}

function masthead({ name, logo }: Brand): Html {
  if (!logo) return html`${name}`;
  return html`<img src="${logo.url}" alt="${name}" width="${String(logo.width)}" style="display:block;border:0;width:${String(logo.width)}px;max-width:100%;height:auto;">`;
}

function signature({ name, website }: Brand): Html {
  return website === null
    ? html`<strong>${name}</strong>`
    : html`<a class="soft" href="${website}" style="color:${soft};"><strong>${name}</strong></a>`;
}

function footerLine(line: FooterLine): Html {
  if (typeof line === "string") return lines(line);
  return html`<a class="soft" href="${line.href}" style="color:${soft};">${line.label}</a>`;
}

/** Without this, Outlook on Windows scales images and tables with the screen's DPI. */
const forOutlook = {
  html: "<!--[if mso]><xml><o:OfficeDocumentSettings><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml><![endif]-->",
};

/** Outlook knows no max-width, and gets a table of fixed width instead. */
function outlookOnly(markup: string): Html {
  return { html: `<!--[if mso]>${markup}<![endif]-->` };
}

/** `data-ogsc` and `data-ogsb` are how Outlook.com marks what it has turned dark. */
function styles(brand: Brand): Html {
  const link = readableOn(darkCard, brand.colour);
  const dark = [
    [".paper", "background-color:#12161c!important;"],
    [".card", `background-color:${darkCard}!important;border-color:#38404c!important;`],
    [".ink", "color:#e9ecf0!important;"],
    [".soft", "color:#a9b2bf!important;"],
    [".line", "border-color:#38404c!important;"],
    [".link", `color:${link}!important;`],
  ] as const;
  return {
    html: `<style>
@media (prefers-color-scheme: dark) {
${dark.map(([name, rule]) => `${name} {${rule}}`).join("\n")}
}
${dark.map(([name, rule]) => `[data-ogsc] ${name}, [data-ogsb] ${name} {${rule}}`).join("\n")}
@media (max-width: 480px) {
.around {padding:0!important;}
.stack, .gap {display:block!important;}
.inside {padding-left:18px!important;padding-right:18px!important;}
}
</style>`,
  };
}
