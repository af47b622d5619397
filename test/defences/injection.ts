import type { Defence } from "./defence.ts";

const storedXss = "test/attacks/stored-xss.test.ts";
const mailInjection = "test/destinations/mail-injection.test.ts";
const terminal = "test/attacks/terminal.test.ts";
const headers = "test/attacks/headers.test.ts";
const address = "src/destinations/mail/address.ts";
const output = "src/cli/output.ts";

/** What a visitor typed, where it is shown. */
export const injection: readonly Defence[] = [
  {
    name: "reflected XSS: pages of forms escape what was typed",
    file: "src/intake/page.ts",
    take: "return text.replace(/[&<>\"']/g, (character) => entities[character] ?? character);",
    put: "return entities[text] ?? text;",
    tests: [`${storedXss} > reflected XSS`],
  },
  {
    name: "stored XSS: the console shows text",
    file: "src/console/components/visitor-text.tsx",
    take: "const long = text.length > limit;",
    put: 'if (text !== "") return <div dangerouslySetInnerHTML={{ __html: text }} />;\n  const long = text.length > limit;',
    tests: [`${storedXss} > stored XSS: no string of the corpus`],
  },
  {
    name: "stored XSS: no script runs in the console but its own files",
    file: "src/server/console.ts",
    take: "\"script-src 'self'\",",
    put: "\"script-src 'self' 'unsafe-inline'\",",
    tests: [`${headers} > no script runs on a page of ours`],
  },
  {
    name: "stored XSS: nothing runs on pages of forms",
    file: "src/intake/page.ts",
    take: "`default-src 'none'; style-src",
    put: "`style-src",
    tests: [`${headers} > no script runs on a page of ours`, `${headers} > security headers on every answer`],
  },
  {
    name: "stored XSS: addresses of pages are http or https",
    file: "src/intake/parameters.ts",
    take: "!webAddress.test(address)",
    put: "webAddress.test(address.slice(longestUrl))",
    tests: ["src/intake/read-attribution.test.ts"],
  },
  {
    name: "stored XSS: links in the console are http or https",
    file: "src/console/components/visitor-text.tsx",
    take: 'if (url?.protocol !== "https:" && url?.protocol !== "http:")',
    put: "if (url === null)",
    tests: [`${storedXss} > stored XSS: no string of the corpus`],
  },
  {
    name: "stored XSS at HubSpot: notes are escaped",
    file: "src/destinations/hubspot/note-body.ts",
    take: "function escaped(text: string): string {",
    put: 'function escaped(text: string): string {\n  if (text !== "") return text;',
    tests: ["test/destinations/hubspot.test.ts", "test/destinations/hubspot-properties.test.ts"],
  },
  {
    name: "stored XSS at Pipedrive: notes are escaped",
    file: "src/destinations/pipedrive/note.ts",
    take: "function escaped(text: string): string {",
    put: 'function escaped(text: string): string {\n  if (text !== "") return text;',
    tests: ["test/destinations/pipedrive.test.ts", "test/destinations/pipedrive-properties.test.ts"],
  },
  {
    name: "XSS in mails: templates escape",
    file: "src/destinations/mail/html.ts",
    take: "return text.replace(/[&<>\"'`]/g, (character) => entities[character] ?? character);",
    put: "return entities[text] ?? text;",
    tests: [mailInjection],
  },
  {
    name: "CSV injection: no cell is a formula",
    file: "src/model/csv.ts",
    take: "formula.test(cell) && !plainNumber.test(cell)",
    put: "formula.test(cell) && plainNumber.test(cell)",
    tests: ["src/model/csv.test.ts"],
  },
  {
    name: "CSV injection: quotes are doubled",
    file: "src/model/csv.ts",
    take: ".replaceAll('\"', '\"\"')",
    put: "",
    tests: ["src/model/csv.test.ts"],
  },
  {
    name: "spreadsheet injection: Google Sheets takes cells as they are",
    file: "src/destinations/google-sheets/append-rows.ts",
    take: 'valueInputOption: "RAW"',
    put: 'valueInputOption: "USER_ENTERED"',
    tests: ["test/destinations/google-sheets.test.ts > every string of the injection corpus"],
  },
  {
    name: "mail header injection: one line",
    file: address,
    take: '.replace(breaking, " ")',
    put: "",
    tests: ["test/attacks/mail-addresses.test.ts"],
  },
  {
    name: "mail header injection: no encoded words",
    file: address,
    take: '.replaceAll("=?", "= ?")',
    put: "",
    tests: ["test/attacks/mail-addresses.test.ts"],
  },
  {
    name: "mail header injection: one address is one recipient",
    file: address,
    take: "localPart.test(local) &&",
    put: "",
    tests: ["test/attacks/mail-addresses.test.ts"],
  },
  {
    name: "links in mails: nothing typed becomes one",
    file: "src/destinations/mail/defang.ts",
    take: '.replace(webScheme, "hxxp$1")',
    put: "",
    tests: [mailInjection],
  },
  {
    name: "links in mails: bare domains neither",
    file: "src/destinations/mail/defang.ts",
    take: '.replace(domainDot, "[.]")',
    put: "",
    tests: [mailInjection],
  },
  {
    name: "terminal escapes: text",
    file: output,
    take: 'return text.replace(commanding, "·");',
    put: "return text;",
    tests: [`${terminal} > terminal escapes`],
  },
  {
    name: "terminal escapes: tables",
    file: output,
    take: "shorten(plain(cell), widest)",
    put: "shorten(cell, widest)",
    tests: [`${terminal} > terminal escapes`],
  },
  {
    name: "terminal escapes: JSON",
    file: output,
    take: "JSON.stringify(value, null, indent).replace(commanding,",
    put: "JSON.stringify(value, null, indent).replace(/(?!)/g,",
    tests: [`${terminal} > terminal escapes`],
  },
  {
    name: "terminal escapes: CSV on a screen",
    file: "src/cli/leads.ts",
    take: "const shown = process.stdout.isTTY ?",
    put: "const shown = !process.stdout ?",
    tests: [`${terminal} > terminal escapes`],
  },
  {
    name: "log injection: an error's message is not in the log",
    file: "src/model/log.ts",
    take: 'return isHeading ? stack.slice(begin + message.length) : "";',
    put: "return isHeading ? stack : stack.slice(1);",
    tests: ["src/model/log.test.ts"],
  },
  {
    name: "log injection: fields with what was typed are blanked",
    file: "src/logger.ts",
    take: 'redact: { paths, censor: "[redacted]" }',
    put: 'redact: { paths: paths.slice(0, 0), censor: "[redacted]" }',
    tests: ["test/attacks/log.test.ts"],
  },
];
