const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** A piece of HTML that needs no more escaping. */
export type Html = { readonly html: string };

/** What a template takes: text is escaped, HTML is not, lists are joined, null and false are nothing. */
export type HtmlValue = Html | string | null | false | readonly HtmlValue[];

/** A template that escapes its values, so that no text can become markup, between tags or inside a quoted attribute. */
export function html(texts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { html: texts.reduce((page, text, index) => page + rendered(values[index - 1] ?? null) + text) };
}

/** Text whose line ends are kept. */
export function lines(text: string): Html {
  return { html: escaped(text).replaceAll("\n", "<br>") };
}

function rendered(value: HtmlValue): string {
  if (value === null || value === false) return "";
  if (typeof value === "string") return escaped(value);
  return "html" in value ? value.html : value.map(rendered).join("");
}

function escaped(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => entities[character] ?? character);
}
