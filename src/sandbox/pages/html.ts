const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe between tags and inside quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A piece of HTML that needs no more escaping. */
export type Html = { readonly html: string };

/** A template whose values are escaped, unless they are HTML already. Lists are joined; null and false are nothing. */
export function html(texts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: texts.reduce((page, text, index) => page + rendered(values[index - 1]) + text) };
}

type HtmlValue = Html | string | number | null | false | undefined | readonly HtmlValue[];

function rendered(value: HtmlValue): string {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string" || typeof value === "number") return escapeHtml(String(value));
  return "html" in value ? value.html : value.map(rendered).join("");
}
