import { execFileSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "../support/a-gateway.ts";
import { type Answer, ask, askRaw } from "../support/http.ts";
import { startNode } from "../support/node-process.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

const json = { "content-type": "application/json" };
const urlencoded = { "content-type": "application/x-www-form-urlencoded" };
/** The default limit of a body. */
const limit = 256 * 1024;
let gateway: TestGateway;

async function start(options: TestGatewayOptions = {}): Promise<string> {
  gateway = await aGateway(options);
  return `${gateway.url}/f/contact`;
}

/** Whatever came in before: the gateway lives, and the next good post is taken. */
afterEach(async () => {
  const origin = { origin: "https://example.com" };
  const next = await ask(`${gateway.url}/f/contact`, { headers: { ...json, ...origin }, body: aPerson() });
  await gateway.close();
  expect([next.status, JSON.parse(next.body).state]).toEqual([202, "accepted"]);
});

async function leads(): Promise<LeadRecord[]> {
  const records: LeadRecord[] = [];
  for await (const record of gateway.gateway.ledger.listLeads({})) records.push(record);
  return records;
}

/** Refused in the words of the contract, without a stack trace, and nothing on record. */
async function expectRefused({ status, headers, body }: Answer, expected: number, code: string): Promise<void> {
  expect(headers["content-type"]).toBe("application/problem+json");
  expect({ status, ...JSON.parse(body) }).toMatchObject({ status: expected, code });
  expect(body).not.toMatch(/\bat \S+ ?\(|node_modules|\.ts\b/);
  expect(await leads()).toEqual([]);
}

describe("bodies", () => {
  test.each(["{", "", "[]", "null", '"text"', '{"email":"a@example.com"} more'])(
    "%j is malformed JSON",
    async (body) => {
      const form = await start();
      await expectRefused(await ask(form, { headers: json, body }), 400, "malformed");
    },
  );

  test.each(["text/plain", "application/xml", "application/octet-stream", "nonsense"])(
    "%s is not read",
    async (type) => {
      const form = await start();
      const headers = { "content-type": type, accept: "application/json" };
      await expectRefused(await ask(form, { headers, body: '{"email":"a@example.com"}' }), 415, "unsupported_type");
    },
  );

  test("a multipart body without its boundary is malformed", async () => {
    const form = await start();
    const headers = { "content-type": "multipart/form-data", accept: "application/json" };
    await expectRefused(await ask(form, { headers, body: "--x\r\n" }), 400, "malformed");
  });

  test("a compressed body is not read", async () => {
    const form = await start();
    const body = gzipSync(JSON.stringify(aPerson()));
    await expectRefused(
      await ask(form, { headers: { ...json, "content-encoding": "gzip" }, body }),
      415,
      "unsupported_type",
    );
  });

  test.each([
    ["that says how long it is", { "content-length": limit + 1 }],
    ["that does not say how long it is", { "transfer-encoding": "chunked" }],
  ])("a body over the limit %s is too large", async (_, headers) => {
    const form = await start();
    const body = Buffer.alloc(limit + 1, " ");
    await expectRefused(await ask(form, { headers: { ...json, ...headers }, body }), 413, "too_large");
  });

  test("a browser is told on a page that its post is too large", async () => {
    const form = await start();
    const answer = await ask(form, { headers: urlencoded, body: `message=${"x".repeat(limit)}` });
    expect([answer.status, answer.headers["content-type"]]).toEqual([413, "text/html; charset=utf-8"]);
    expect(answer.body).toContain("<h1>The submission is too large</h1>");
  });

  test.each([65, 100_000])("JSON nested %i levels deep is malformed", async (depth) => {
    const form = await start();
    const body = `{"email":"a@example.com","deep":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    await expectRefused(await ask(form, { headers: json, body }), 400, "malformed");
  });

  test.each([
    ["JSON", json, JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`f${n}`, ""])))],
    [
      "a form",
      { ...urlencoded, accept: "application/json" },
      Array.from({ length: 10_000 }, (_, n) => `f${n}=`).join("&"),
    ],
  ])("10 000 fields in %s are malformed", async (_, headers, body) => {
    const form = await start();
    await expectRefused(await ask(form, { headers, body }), 400, "malformed");
  });

  test("JSON that is not UTF-8 is malformed", async () => {
    const form = await start();
    const body = Buffer.from('{"email":"a@example.com","name":"Andr\xe9"}', "latin1");
    await expectRefused(await ask(form, { headers: json, body }), 400, "malformed");
  });

  test("a form that is not UTF-8 is kept, and read as the old page meant it", async () => {
    const form = await start();
    await ask(form, { headers: urlencoded, body: "email=a@example.com&name=Andr%E9" });
    expect((await leads()).map(({ lead }) => lead.name)).toEqual(["André"]);
  });

  test("NUL bytes are taken out, and the lead is kept", async () => {
    const form = await start();
    await ask(form, { headers: json, body: '{"email":"a@example.com","mess\\u0000age":"one\\u0000two"}' });
    await ask(form, { headers: urlencoded, body: "email=a@example.com&message=one%00two" });
    expect((await leads()).map(({ lead }) => lead.message)).toEqual(["onetwo", "onetwo"]);
  });

  test.each([
    ["JSON", json, '{"email":"a@example.com","__proto__":{"evil":1},"constructor":{"prototype":{"evil":1}}}'],
    ["a form", urlencoded, "email=a@example.com&__proto__=evil&__proto__[evil]=1&constructor.prototype.evil=1"],
    ["nested JSON", json, '{"email":"a@example.com","answers":{"__proto__":{"evil":1},"toString":"x"}}'],
  ])("prototype keys in %s pollute nothing, and the lead is kept", async (_, headers, body) => {
    const form = await start();
    const { status } = await ask(form, { headers, body });
    expect([202, 303]).toContain(status);
    expect(Object.hasOwn(Object.prototype, "evil")).toBe(false);
    const [record] = await leads();
    expect(record?.lead.email).toBe("a@example.com");
    expect(JSON.stringify(record?.lead.formData)).not.toContain('"__proto__":');
  });

  test.each([
    ["JSON", json, "{}"],
    ["a form", { ...urlencoded, accept: "application/json" }, ""],
    ["a post without any body", { accept: "application/json" }, ""],
  ])("an empty submission as %s is told what is missing", async (_, headers, body) => {
    const form = await start();
    const answer = await ask(form, { headers, body });
    await expectRefused(answer, 422, "invalid");
    expect(JSON.parse(answer.body).errors).toEqual([
      { field: "email", message: expect.stringMatching(/phone number/) },
    ]);
  });
});

describe("addresses and methods", () => {
  test.each(["Contact", "con%74act", "a".repeat(65), "-x", "%00", "..%2f"])("there is no form %s", async (id) => {
    await start();
    await expectRefused(await ask(`${gateway.url}/f/${id}`, { headers: json, body: aPerson() }), 404, "unknown_form");
  });

  test("a form that is not in the configuration is unknown", async () => {
    await start({ config: { forms: { contact: {} } } });
    await expectRefused(await ask(`${gateway.url}/f/quote`, { headers: json, body: aPerson() }), 404, "unknown_form");
  });

  test.each(["GET", "PUT", "DELETE", "PATCH", "TRACE"])("%s is not how a form is sent", async (method) => {
    const form = await start();
    const answer = await ask(form, { method, headers: { accept: "application/json" } });
    await expectRefused(answer, 405, "method_not_allowed");
    expect(answer.headers.allow).toBe("POST, OPTIONS");
  });

  test("HEAD is answered like GET, without a body", async () => {
    const form = await start();
    const answer = await ask(form, { method: "HEAD" });
    expect([answer.status, answer.headers.allow, answer.body]).toEqual([405, "POST, OPTIONS", ""]);
  });

  test("a post to the thank-you page is not thanked", async () => {
    const form = await start();
    await expectRefused(await ask(`${form}/thanks`, { headers: json, body: aPerson() }), 404, "not_found");
  });

  test.each([
    "https://attacker.example",
    "//attacker.example",
    "/\\attacker.example",
    "/.//attacker.example",
    "/\t/attacker.example",
    " //attacker.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "https://example.com@attacker.example/",
    "https://example.com.attacker.io/",
    "//example.com\\@attacker.example",
    "/ok\r\nset-cookie: a=b",
  ])("_redirect cannot lead away to %j", async (to) => {
    const form = await start({ config: { forms: { contact: { origins: ["https://example.com"] } } } });
    const body = new URLSearchParams({ email: "a@example.com", _redirect: to }).toString();
    const { status, headers } = await ask(form, { headers: urlencoded, body });
    const location = new URL(headers.location ?? "", form);
    expect([status, location.origin, headers["set-cookie"]]).toEqual([303, gateway.url, undefined]);
  });
});

describe("origins", () => {
  const onlyExample = { config: { forms: { contact: { origins: ["https://example.com"] } } } };

  test("the form's own origin may post and read the answer", async () => {
    const form = await start(onlyExample);
    const answer = await ask(form, { headers: { ...json, origin: "https://example.com" }, body: aPerson() });
    expect([answer.status, answer.headers["access-control-allow-origin"], answer.headers.vary]).toEqual([
      202,
      "https://example.com",
      "Origin",
    ]);
  });

  test.each([
    "https://example.com.attacker.io",
    "https://attackerexample.com",
    "https://sub.example.com",
    "http://example.com",
    "https://example.com:8443",
    "https://EXAMPLE.com",
    "https://example.com/",
  ])("%s is another origin", async (origin) => {
    const form = await start(onlyExample);
    const answer = await ask(form, { headers: { ...json, origin }, body: aPerson() });
    await expectRefused(answer, 403, "origin_refused");
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });

  test.each([
    ["cross-site", 403],
    ["same-site", 403],
    ["same-origin", 202],
    ["none", 202],
    [null, 202],
  ])("without an Origin, Sec-Fetch-Site %s is answered %i", async (site, status) => {
    const form = await start(onlyExample);
    for (const origin of [{}, { origin: "null" }]) {
      const headers = { ...json, ...origin, ...(site === null ? {} : { "sec-fetch-site": site }) };
      expect((await ask(form, { headers, body: aPerson() })).status).toBe(status);
    }
  });

  test("a browser that asks before posting is told it may, or not", async () => {
    const form = await start(onlyExample);
    const preflight = (origin: string) =>
      ask(form, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const allowed = await preflight("https://example.com");
    expect([allowed.status, allowed.body]).toEqual([204, ""]);
    expect(allowed.headers).toMatchObject({
      "access-control-allow-origin": "https://example.com",
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": "content-type, accept, idempotency-key",
    });
    const refused = await preflight("https://example.com.attacker.io");
    expect(refused.status).toBe(403);
    expect(refused.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("repeats", () => {
  test("one key posted twenty times at once makes one lead, and every answer is the same", async () => {
    const form = await start();
    const request = { headers: { ...json, "idempotency-key": "once" }, body: aPerson() };
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(form, request)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`)).size).toBe(1);
    expect(await leads()).toHaveLength(1);
  });

  test("the same key in the header and in the field _key is one key", async () => {
    const form = await start();
    const inHeader = await ask(form, { headers: { ...json, "idempotency-key": '"once"' }, body: aPerson() });
    const inField = await ask(form, { headers: json, body: aPerson({ _key: "once" }) });
    expect(inField.body).toBe(inHeader.body);
    expect(await leads()).toHaveLength(1);
  });

  test("an unusable key is refused rather than passed over", async () => {
    const form = await start();
    const headers = { ...json, "idempotency-key": "k".repeat(256) };
    await expectRefused(await ask(form, { headers, body: aPerson() }), 400, "malformed");
  });
});

describe("connections", () => {
  const post = (body: string, ...headers: string[]) =>
    [
      "POST /f/contact HTTP/1.1",
      "Host: leads.example.com",
      "Content-Type: application/json",
      `Content-Length: ${body.length}`,
      ...headers,
      "",
      body,
    ].join("\r\n");
  const good = '{"email":"a@example.com"}';

  test("an upload broken off midway records nothing", async () => {
    await start();
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("error", () => {});
    socket.write(post(good).slice(0, -5));
    await new Promise((sent) => setTimeout(sent, 50));
    socket.destroy();
    await gateway.post(aPerson());
    expect(await leads()).toHaveLength(1);
  });

  test("an upload that does not go on is told so, and records nothing", async () => {
    await start({ bodyTimeoutMs: 50 });
    const answered = await askRaw(gateway.url, post(good).slice(0, -5), { enough: /"too_slow"/ });
    expect(answered).toMatch(/^HTTP\/1\.1 408 [\s\S]*application\/problem\+json/);
    expect(await leads()).toEqual([]);
  });

  test("headers beyond all measure are refused", async () => {
    const form = await start();
    const { status, body } = await ask(form, { headers: { ...json, "x-long": "x".repeat(40_000) }, body: aPerson() });
    expect([status, body, await leads()]).toEqual([431, "", []]);
  });

  test("pipelined posts are answered one after the other", async () => {
    await start();
    const bodies = ["a", "b", "c"].map((name) => `{"email":"${name}@example.com"}`);
    const [first = "", second = "", third = ""] = bodies;
    const answered = await askRaw(gateway.url, post(first) + post(second) + post(third, "Connection: close"));
    const answeredLeads = [...answered.matchAll(/"lead_id":"([^"]+)"/g)].map(([, lead]) => lead);
    const kept = (await leads()).map(({ lead }) => lead).sort((a, b) => a.id.localeCompare(b.id));
    expect(answered.match(/HTTP\/1\.1 202 /g)).toHaveLength(3);
    expect(kept.map(({ email }) => email)).toEqual(["a@example.com", "b@example.com", "c@example.com"]);
    expect(kept.map(({ id }) => id)).toEqual(answeredLeads);
  });

  test("HTTP/1.0 is understood, without a Host", async () => {
    await start();
    const request = post(good).replace("HTTP/1.1\r\nHost: leads.example.com", "HTTP/1.0");
    expect(await askRaw(gateway.url, request)).toMatch(/^HTTP\/1\.1 202 [\s\S]*"state":"accepted"/);
  });

  test.each([
    ["without a Host", post(good).replace("Host: leads.example.com\r\n", "")],
    ["of two lengths", post(good, "Transfer-Encoding: chunked")],
    ["of a length that is no number", post(good).replace(/Content-Length: \d+/, "Content-Length: many")],
    ["that is not HTTP", "hello\r\n\r\n"],
  ])("a request %s is a bad one", async (_, request) => {
    await start();
    expect(await askRaw(gateway.url, request)).toMatch(/^HTTP\/1\.1 400 /);
    expect(await leads()).toEqual([]);
  });

  test("a client that waits for leave to send its body gets it", async () => {
    await start();
    const answered = await askRaw(gateway.url, post(good, "Expect: 100-continue", "Connection: close"));
    expect(answered).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 202 /);
  });
});

describe("a ledger that cannot be written", () => {
  test("a lock held by another process is answered with 503 until it is let go", async () => {
    const form = await start();
    const file = join(gateway.gateway.options.dataFolder, "ledger.db");
    const holder = startNode(`
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(file)}, { timeout: 10_000 });
      db.exec("BEGIN IMMEDIATE");
      console.log("held");
      process.stdin.once("data", () => { db.exec("ROLLBACK"); console.log("let go"); process.exit(0); });
    `);
    await holder.printed(1);
    const refused = await ask(form, { headers: json, body: aPerson() });
    await expectRefused(refused, 503, "ledger_unavailable");
    expect(refused.headers["retry-after"]).toBe("5");
    expect((await ask(`${gateway.url}/readyz`, { method: "GET" })).status).toBe(503);
    expect((await ask(`${gateway.url}/healthz`, { method: "GET" })).status).toBe(200);
    holder.tell("let go");
    await holder.printed(2);
    await gateway.post(aPerson());
    expect(await leads()).toHaveLength(1);
  });

  test("a browser is shown what it typed, to be sent again", async () => {
    const form = await start();
    const file = join(gateway.gateway.options.dataFolder, "ledger.db");
    const holder = startNode(`
      import { DatabaseSync } from "node:sqlite";
      new DatabaseSync(${JSON.stringify(file)}, { timeout: 10_000 }).exec("BEGIN IMMEDIATE");
      console.log("held");
      process.stdin.resume();
    `);
    await holder.printed(1);
    const answer = await ask(form, { headers: urlencoded, body: "email=a@example.com&message=kept" });
    expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "5"]);
    expect(answer.body).toContain('value="kept"');
    holder.kill("SIGKILL");
    await holder.exited;
  });

  test("a full disk is answered with 503 until there is room, without a restart", async (context) => {
    const folder = aFolder();
    const trouble = mountSmallDisk(folder);
    context.skip(trouble !== null, `no small disk could be mounted: ${trouble}`);
    const form = await start({ dataFolder: folder });
    fill(join(folder, "ballast"));
    const message = "x".repeat(100_000);
    const refused = await ask(form, { headers: json, body: aPerson({ message }) });
    await expectRefused(refused, 503, "ledger_unavailable");
    expect(refused.headers["retry-after"]).toBe("5");
    rmSync(join(folder, "ballast"));
    const taken = await until(async () => {
      const answer = await ask(form, { headers: json, body: aPerson({ message }) });
      return answer.status === 202 && answer;
    });
    expect((await leads()).map(({ lead }) => lead.id)).toEqual([JSON.parse(taken.body).lead_id]);
  });
});

/** Null when mounted, else why not. */
function mountSmallDisk(folder: string): string | null {
  try {
    execFileSync("sh", ["-c", 'mount -t tmpfs -o size=1m tmpfs "$0"', folder], { stdio: "pipe" });
  } catch (error) {
    return error instanceof Error ? error.message.trim() : String(error);
  }
  onTestFinished(() => void execFileSync("sh", ["-c", 'umount --lazy "$0"', folder]));
  return null;
}

/** Writes a file until the disk is full. */
function fill(file: string): void {
  const handle = openSync(file, "w");
  try {
    for (;;) writeSync(handle, Buffer.alloc(4_096));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(handle);
  }
}
