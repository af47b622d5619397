import type { Defence } from "./defence.ts";

const slow = "test/attacks/slow-and-many.test.ts";
const bodies = "test/attacks/bodies.test.ts";
const headers = "test/attacks/headers.test.ts";
const badInput = "test/end-to-end/bad-input.test.ts";
const server = "src/server/server.ts";
const nodeBody = "src/server/node-body.ts";
const intakeStage = "src/intake/intake.ts";
const submission = "src/intake/submission.ts";
const thanks = "src/intake/thanks-location.ts";

/** What anybody can send to a form. */
export const intake: readonly Defence[] = [
  {
    name: "slow-loris by headers",
    file: server,
    take: "headersTimeout: headersTimeoutMs,",
    put: "headersTimeout: 0,\n      requestTimeout: 0,",
    tests: [`${slow} > slow-loris: headers that never end`],
  },
  {
    name: "slow-loris by a body",
    file: nodeBody,
    take: "const timer = setTimeout(guest.giveUp, timeoutMs);",
    put: "const timer = setTimeout(guest.giveUp, timeoutMs * 1_000);",
    tests: [`${slow} > slow-loris: a body that trickles in`],
  },
  {
    name: "many connections: there is a bound",
    file: server,
    take: "limitConnections(server, mostConnections);",
    put: "",
    tests: [`${slow} > many connections: beyond the limit`],
  },
  {
    name: "many connections: who is being answered stays",
    file: "src/server/crowd.ts",
    take: "if (!response || !isOurTurn(response)) {",
    put: "if (!response || looks > 0) {",
    tests: [`${slow} > many connections: one that is being answered`],
  },
  {
    name: "many connections: those kept alive count",
    file: "src/server/crowd.ts",
    take: " && !response.writableFinished;",
    put: ";",
    tests: [`${slow} > many connections: those kept alive`],
  },
  {
    name: "many large bodies share a room",
    file: nodeBody,
    take: "room.grow(guest, chunk.length);",
    put: "",
    tests: [`${slow} > many large bodies`],
  },
  {
    name: "memory stays bounded",
    file: server,
    take: "room: createBodyRoom(bodyRoomBytes),",
    put: "room: createBodyRoom(bodyRoomBytes * 64),",
    tests: ["test/attacks/memory.test.ts"],
  },
  {
    name: "huge headers",
    file: server,
    take: "requestTimeout: 30_000,",
    put: "requestTimeout: 30_000,\n      maxHeaderSize: 8 * 1024 * 1024,",
    tests: [`${slow} > huge headers are refused`, `${slow} > a huge address is refused`],
  },
  {
    name: "large bodies that do not say how long they are",
    file: nodeBody,
    take: 'answer({ type: "too_large" });',
    put: "",
    tests: [`${badInput} > a body over the limit that does not say`],
  },
  {
    name: "multipart bombs: parts are counted",
    file: submission,
    take: "if (fields.size + reserved.size > mostFields) return",
    put: "if (fields.size < 0) return",
    tests: [`${bodies} > thousands of parts are refused, and nothing is kept`, `${badInput} > 10 000 fields in a form`],
  },
  {
    name: "hash collisions: keys are counted",
    file: submission,
    take: "if (walk.values > mostValues) return",
    put: "if (walk.values < 0) return",
    tests: ["src/intake/submission.test.ts", `${bodies} > many keys in nested JSON`],
  },
  {
    name: "deep nesting",
    file: submission,
    take: "if (walk.tooDeep) return",
    put: "if (walk.values < 0) return",
    tests: [`${badInput} > JSON nested 65 levels deep`],
  },
  {
    name: "compressed bodies are not unpacked",
    file: intakeStage,
    take: "|| foreignJson || compressed) return unsupportedType;",
    put: "|| foreignJson) return unsupportedType;",
    tests: [`${bodies} > a decompression bomb as Content-Encoding`],
  },
  {
    name: "prototype keys in a field",
    file: submission,
    take: 'if (name !== "__proto__") cleaned[name] =',
    put: "cleaned[name] =",
    tests: [`${bodies} > prototype keys give no object`],
  },
  {
    name: "duplicate parameters: the first address is the person's",
    file: "src/intake/contact.ts",
    take: "for (const { text } of texts) {",
    put: "for (const { text } of texts.toReversed()) {",
    tests: [`${bodies} > the first e-mail address is the person's`],
  },
  {
    name: "duplicate headers and request smuggling: the strict parser",
    file: server,
    take: "requestTimeout: 30_000,",
    put: "requestTimeout: 30_000,\n      insecureHTTPParser: true,",
    tests: [`${bodies} > request smuggling by a length and chunks`, `${bodies} > request smuggling`],
  },
  {
    name: "charset tricks: JSON says UTF-8 or nothing",
    file: intakeStage,
    take: "|| foreignJson || compressed) return unsupportedType;",
    put: "|| compressed) return unsupportedType;",
    tests: [`${bodies} > JSON as utf-7 is refused`],
  },
  {
    name: "charset tricks: JSON is UTF-8",
    file: "src/intake/parse-body.ts",
    take: 'new TextDecoder("utf-8", { fatal: true })',
    put: 'new TextDecoder("utf-8")',
    tests: [`${bodies} > JSON with an overlong slash`],
  },
  {
    name: "charset tricks: NUL goes",
    file: submission,
    take: 'text.includes("\\0") ? text.replaceAll("\\0", "") : text',
    put: "text",
    tests: [`${bodies} > lone surrogates are replaced`],
  },
  {
    name: "charset tricks: lone surrogates go",
    file: submission,
    take: "withoutNul.isWellFormed() ? withoutNul : withoutNul.toWellFormed()",
    put: "withoutNul",
    tests: [`${bodies} > lone surrogates are replaced`],
  },
  {
    name: "ReDoS: the work of every expression is counted",
    file: "src/intake/email-address.ts",
    take: "const longestAddress = 320;",
    put: "const longestAddress = 320;\nexport const slow = /^([a-z]+)+$/;",
    tests: ["test/attacks/redos.test.ts > ReDoS: the work of every"],
  },
  {
    name: "open redirect by _redirect: to listed origins only",
    file: thanks,
    take: "redirect.origin === here || isOwnOrigin(redirect.origin, form.origins, request)",
    put: "redirect.origin",
    tests: ["src/intake/thanks-location.test.ts", badInput],
  },
  {
    name: "open redirect by what only looks like a path",
    file: thanks,
    take: ' || url.pathname.startsWith("//")',
    put: "",
    tests: ["src/intake/thanks-location.test.ts"],
  },
  {
    name: "open redirect by a name in front of an @",
    file: thanks,
    take: " || url.username || url.password",
    put: "",
    tests: ["src/intake/thanks-location.test.ts"],
  },
  {
    name: "open redirect by another scheme",
    file: thanks,
    take: '(url.protocol !== "http:" && url.protocol !== "https:") || ',
    put: "",
    tests: ["src/intake/thanks-location.test.ts"],
  },
  {
    name: "posts of other origins: compared whole",
    file: "src/intake/origin.ts",
    take: "return origins.includes(origin) ||",
    put: "return origins.some((one) => origin.startsWith(one)) ||",
    tests: [`${badInput} > https://example.com.attacker.io is another origin`],
  },
  {
    name: "posts of other sites that hide their origin",
    file: "src/intake/origin.ts",
    take: 'site !== "cross-site" && site !== "same-site"',
    put: "true",
    tests: [`${badInput} > without an Origin, Sec-Fetch-Site`],
  },
  {
    name: "host header: PUBLIC_URL is what we are called",
    file: server,
    take: "const publicOrigin = publicUrl === null ? null : new URL(publicUrl).origin;",
    put: "const publicOrigin = null;",
    tests: [`${headers} > what a request calls us by`],
  },
  {
    name: "host header: no links in mails without PUBLIC_URL",
    file: "src/privacy/person-links.ts",
    take: 'const base = publicUrl?.replace(/\\/+$/, "") ?? null;',
    put: 'const base = publicUrl?.replace(/\\/+$/, "") ?? "http://localhost";',
    tests: [`${headers} > without PUBLIC_URL there are no links`],
  },
  {
    name: "TRUST_PROXY: without it X-Forwarded-For says nothing",
    file: "src/server/visitor-address.ts",
    take: "if (trustProxy > 0 && forwardedFor) {",
    put: "trustProxy ||= 1;\n  if (forwardedFor) {",
    tests: [`${headers} > X-Forwarded-For is believed`],
  },
  {
    name: "TRUST_PROXY: what stands left of the proxies is not believed",
    file: "src/server/visitor-address.ts",
    take: "hops[Math.max(0, hops.length - trustProxy)]",
    put: "hops[0]",
    tests: [`${headers} > X-Forwarded-For is believed`],
  },
  {
    name: "TRUST_PROXY: without it X-Forwarded-Proto says nothing",
    file: "src/server/api/connection.ts",
    take: "const said = trustProxy > 0 ?",
    put: "const said = trustProxy >= 0 ?",
    tests: ["test/attacks/session-fixation.test.ts > what a request says of https"],
  },
];
