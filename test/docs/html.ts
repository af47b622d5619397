/** A tag that opens, and its attributes. */
export type Tag = { name: string; attributes: Record<string, string> };

const empty = new Set([
  "area",
  "base",
  "br",
  "col",
  "embed",
  "hr",
  "img",
  "input",
  "link",
  "meta",
  "source",
  "track",
  "wbr",
]);
const tagPattern =
  /<!--.*?-->|<(\/?)([a-zA-Z][\w:-]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+))?)*)\s*(\/?)>/gs;

/** The tags of a piece of HTML, and what is not well-formed in it. Stricter than browsers: everything that opens has to close. */
export function readHtml(text: string): { tags: Tag[]; problems: string[] } {
  const tags: Tag[] = [];
  const problems: string[] = [];
  const open: string[] = [];
  const html = text.replace(/(<(script|style)\b[^>]*>).*?(<\/\2>)/gis, "$1$3");
  for (const [, slash, rawName, attributes = "", closed] of html.matchAll(tagPattern)) {
    if (rawName === undefined) continue;
    const name = rawName.toLowerCase();
    if (slash) {
      const expected = open.pop();
      if (expected !== name) problems.push(`</${name}> closes ${expected ? `<${expected}>` : "nothing"}`);
      continue;
    }
    tags.push({ name, attributes: attributesOf(attributes) });
    if (!closed && !empty.has(name)) open.push(name);
  }
  problems.push(...open.map((name) => `<${name}> is not closed`));
  const rest = html.replace(tagPattern, "");
  if (/[<>]/.test(rest)) problems.push(`a stray ${/[<>]/.exec(rest)?.[0]}`);
  return { tags, problems };
}

function attributesOf(text: string): Record<string, string> {
  const pairs = text.matchAll(/([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/g);
  return Object.fromEntries([...pairs].map(([, name = "", a, b, c]) => [name.toLowerCase(), a ?? b ?? c ?? ""]));
}
