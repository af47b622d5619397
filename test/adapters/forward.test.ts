import { createHash, createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type ForwardOptions, forward } from "../../src/adapters/forward.ts";
import { forwardingHeaders, signedText } from "../../src/model/forwarding.ts";
import { type Log, silentLog } from "../../src/model/log.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "../support/a-gateway.ts";
import { startProxy } from "../support/tcp-proxy.ts";

const secret = "k4Tq9vW2xZ7bN3mP8rL5sD1f";
const site = "https://www.example.com";
const logged: string[] = [];
const log: Log = { ...silentLog, warn: (_fields, text) => void logged.push(text) };
let leadkeep: TestGateway;
/** Where nobody listens any more. */
let nowhere: string;

beforeAll(async () => {
  leadkeep = await opened({ variables: { TRUST_PROXY: "1", LEADKEEP_IP_HASH: "stable" }, log });
  const closed = createServer();
  await new Promise<void>((resolve) => closed.listen(0, "127.0.0.1", resolve));
  nowhere = `http://127.0.0.1:${(closed.address() as AddressInfo).port}`;
  await new Promise((resolve) => closed.close(resolve));
});
afterAll(() => leadkeep.close());

function opened({ variables = {}, ...options }: TestGatewayOptions = {}): Promise<TestGateway> {
  return aGateway({
    ...options,
    variables: { LEADKEEP_FORWARD_SECRET: `an older one of more than 24, ${secret}`, ...variables },
  });
}

/** What a browser's script posts to the site. */
function aPost(fields: Record<string, unknown> = aPerson(), headers: Record<string, string> = {}): Request {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
  return new Request(`${site}/f/contact`, { ...init, body: JSON.stringify(fields) });
}

/** What a browser posts by itself. */
function aFormPost(
  body: NonNullable<RequestInit["body"]>,
  path = "/f/contact",
  headers: Record<string, string> = {},
): Request {
  return new Request(site + path, { method: "POST", body, headers: { accept: "text/html", origin: site, ...headers } });
}

function pass(request: Request, options: Partial<ForwardOptions> = {}): Promise<Response> {
  return forward(request, { gateway: leadkeep.url, secret, report() {}, ...options });
}

async function leadOf(response: Response, gateway = leadkeep) {
  const { lead_id } = (await response.json()) as { lead_id: string };
  return (await gateway.record(lead_id)).lead;
}

async function leadsIn({ gateway }: TestGateway): Promise<number> {
  return (await Array.fromAsync(gateway.ledger.listLeads({}))).length;
}

type Heard = { method: string; url: string; headers: IncomingHttpHeaders; body: Buffer };

type Answer = { status: number; headers?: Record<string, string>; body?: string } | null;

/** A server that hears everything, and answers what it is told, the last answer for ever. `null`: never. */
async function aServer(...answers: (Answer | ((heard: Heard) => Promise<Answer>))[]) {
  const heard: Heard[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url = "", headers } = request;
    const one = { method, url, headers, body: Buffer.concat(chunks) };
    const next = answers[Math.min(heard.push(one), answers.length) - 1] ?? null;
    const answer = typeof next === "function" ? await next(one) : next;
    if (answer) response.writeHead(answer.status, answer.headers).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const accepted = { status: 202, headers: { "content-type": "application/json" }, body: '{"lead_id":"lead_1"}' };

/** A submission as a forwarder signs it, with a part of it changed before or after that. */
async function sendSigned(
  change: { timestamp?: number; after?: Record<string, string>; body?: string; target?: string } = {},
) {
  const body = JSON.stringify(aPerson());
  const parts = {
    id: `fwd_${crypto.randomUUID()}`,
    timestamp: String(change.timestamp ?? Math.floor(Date.now() / 1_000)),
    address: "203.0.113.9",
    origin: site,
    path: "/f/contact",
  };
  const bodyHash = createHash("sha256").update(body).digest("hex");
  const text = signedText({ ...parts, method: "POST", target: "/f/contact", key: "", bodyHash });
  const signature = createHmac("sha256", secret).update(text).digest("base64");
  const headers: Record<string, string> = { [forwardingHeaders.signature]: `v1,${signature}` };
  for (const [name, value] of Object.entries(parts)) headers[`leadkeep-${name}`] = value;
  return fetch(leadkeep.url + (change.target ?? "/f/contact"), {
    method: "POST",
    headers: { ...headers, "content-type": "application/json", ...change.after },
    body: change.body ?? body,
  });
}

test("JSON is passed on, and the gateway's answer handed back", async () => {
  const response = await pass(aPost({ ...aPerson(), message: "Grüße", tags: ["a", "b"] }));
  expect([response.status, response.headers.get("content-type")]).toEqual([202, "application/json"]);
  expect((await leadOf(response)).formData).toMatchObject({ message: "Grüße", tags: ["a", "b"] });
});

test("a browser's post is passed on, and the browser led to the page of thanks below the site's own path", async () => {
  const path = "/api/leadkeep/f/contact";
  const response = await pass(aFormPost(new URLSearchParams(aPerson() as Record<string, string>), path));
  expect([response.status, response.headers.get("location")]).toEqual([303, `${path}/thanks`]);
  const thanks = await pass(new Request(`${site}${path}/thanks`));
  expect([thanks.status, await thanks.text()]).toEqual([200, expect.stringContaining("Thank you")]);
});

test("a file arrives as it was chosen", async () => {
  const body = new FormData();
  for (const [name, value] of Object.entries(aPerson())) body.append(name, String(value));
  body.append("plan", new File([new Uint8Array([0, 255, 13, 10])], "plan.bin"));
  const lead = await leadOf(await pass(aFormPost(body, "/f/contact", { accept: "application/json" })));
  expect(lead.formData).toMatchObject({ plan: { filename: "plan.bin", base64: "AP8NCg==" } });
});

test("bytes and headers are passed on unchanged, cookies are not", async () => {
  const server = await aServer(accepted);
  const headers = {
    "content-type": "application/x-www-form-urlencoded; charset=windows-1252",
    cookie: "session=secret; hubspotutk=0123456789abcdef; other=1",
    "user-agent": "a browser",
    referer: `${site}/page?utm_source=news`,
    "accept-language": "de",
    "idempotency-key": "one",
    "x-other": "the site's own",
  };
  await pass(aFormPost(new Uint8Array([0x6e, 0x3d, 0xfc, 0x0d]), "/f/contact", headers), { gateway: server.url });
  const [{ body, headers: sent, method, url }] = server.heard as [Heard];
  expect([method, url, [...body]]).toEqual(["POST", "/f/contact", [0x6e, 0x3d, 0xfc, 0x0d]]);
  const { "x-other": _dropped, ...kept } = headers;
  expect(sent).toMatchObject({ ...kept, cookie: "hubspotutk=0123456789abcdef", origin: site, accept: "text/html" });
  expect(sent).not.toHaveProperty("x-other");
});

test("what the visitor's browser tells reaches the lead", async () => {
  const headers = { "user-agent": "a browser", referer: `${site}/page?utm_source=news` };
  const lead = await leadOf(await pass(aPost(aPerson(), headers)));
  expect([lead.userAgent, lead.attribution.url]).toEqual(["a browser", headers.referer]);
  expect(lead.attribution.parameters).toMatchObject({ utm_source: "news" });
});

test("the visitor's address is believed under the signature, and hashed by the gateway as any other", async () => {
  const direct = await fetch(`${leadkeep.url}/f/contact`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": "203.0.113.7" },
    body: JSON.stringify(aPerson()),
  });
  const lead = await leadOf(await pass(aPost(), { visitor: "203.0.113.7" }));
  expect(lead.ipAddress).toBe((await leadOf(direct)).ipAddress);
});

test("a hashed address is not on the wire, and still tells one visitor from another", async () => {
  const server = await aServer(accepted);
  await pass(aPost(), { gateway: server.url, visitor: "203.0.113.7", address: "hash" });
  expect(JSON.stringify(server.heard[0]?.headers)).not.toContain("203.0.113.7");
  const hashOf = async (visitor: string) => (await leadOf(await pass(aPost(), { visitor, address: "hash" }))).ipAddress;
  const [one, again, other] = [await hashOf("203.0.113.7"), await hashOf("203.0.113.7"), await hashOf("203.0.113.8")];
  expect([one, other]).not.toContain(null);
  expect([one === again, one === other]).toEqual([true, false]);
});

test("an address that is not to be told is unknown, and not the forwarder's own", async () => {
  expect((await leadOf(await pass(aPost(), { visitor: "203.0.113.7", address: "none" }))).ipAddress).toBeNull();
  expect((await leadOf(await pass(aPost()))).ipAddress).toBeNull();
});

test("a header in which visitors could write an address of their own is not believed on another host", async () => {
  const headers = {
    "cf-connecting-ip": "203.0.113.7",
    "x-nf-client-connection-ip": "203.0.113.7",
    "x-real-ip": "1.2.3.4",
  };
  expect((await leadOf(await pass(aPost(aPerson(), headers)))).ipAddress).toBeNull();
});

test("the site's own pages may post, whatever origins a form lists; others may not", async () => {
  const strict = await opened({ config: { forms: { contact: { origins: ["https://other.example.com"] } } } });
  onTestFinished(() => strict.close());
  const sent = (origin: string) => pass(aPost(aPerson(), { origin }), { gateway: strict.url });
  expect((await sent(site)).status).toBe(202);
  expect((await sent("https://evil.example.com")).status).toBe(403);
});

test("what is to be corrected is shown with what was typed, in a form that posts to the site", async () => {
  const response = await pass(
    aFormPost(new URLSearchParams({ message: "no way to reach me" }), "/api/leadkeep/f/contact"),
  );
  const html = await response.text();
  expect(response.status).toBe(422);
  expect(html).toContain('action="/api/leadkeep/f/contact"');
  expect(html).toContain("no way to reach me");
});

test("mounted for one form, the built-in page of thanks is the gateway's own", async () => {
  const body = new URLSearchParams(aPerson() as Record<string, string>);
  const response = await pass(aFormPost(body, "/api/lead"), { form: "contact" });
  expect([response.status, response.headers.get("location")]).toEqual([303, `${leadkeep.url}/f/contact/thanks`]);
});

test("a path that looks like another host leads nowhere else", async () => {
  const body = new URLSearchParams(aPerson() as Record<string, string>);
  const response = await pass(aFormPost(body, "//evil.example.com/f/contact"));
  expect([response.status, response.headers.get("location")]).toEqual([303, "/evil.example.com/f/contact/thanks"]);
});

test("paths that are no form's are not found, and nothing is asked of the gateway", async () => {
  expect((await pass(new Request(`${site}/console`), { gateway: nowhere })).status).toBe(404);
});

test("the visitor's script comes through", async () => {
  const response = await pass(new Request(`${site}/api/leadkeep/leadkeep.js`));
  const built = readFileSync(new URL("../../dist/browser/leadkeep.js", import.meta.url), "utf8");
  expect([response.status, await response.text()]).toEqual([200, built]);
});

test("a gateway behind a path is found there", async () => {
  const server = await aServer(accepted);
  await pass(aPost(), { gateway: `${server.url}/leads/` });
  expect(server.heard[0]?.url).toBe("/leads/f/contact");
});

test("one key is one lead, whether it came in a header or a field", async () => {
  const person = aPerson();
  const byHeader = async () => leadOf(await pass(aPost(person, { "idempotency-key": "the same" })));
  expect((await byHeader()).id).toBe((await byHeader()).id);
  const byField = async () => leadOf(await pass(aPost({ ...person, _key: "the same field" })));
  expect((await byField()).id).toBe((await byField()).id);
});

test("two submissions without a key are two leads", async () => {
  const person = aPerson();
  const [one, other] = [await leadOf(await pass(aPost(person))), await leadOf(await pass(aPost(person)))];
  expect(one.id).not.toBe(other.id);
});

test("an answer that was lost after the lead was kept is asked for again, and there is one lead", async () => {
  const own = await opened();
  const proxy = await startProxy(Number(new URL(own.url).port));
  onTestFinished(async () => {
    await proxy.close();
    await own.close();
  });
  const person = aPerson({ message: "cut me off" });
  proxy.cutAfter("cut me off");
  const response = await pass(aPost(person), { gateway: `http://127.0.0.1:${proxy.port}` });
  expect([response.status, await leadsIn(own)]).toEqual([202, 1]);
});

test("a gateway that hangs is tried again within the budget", async () => {
  const server = await aServer(null, accepted);
  const response = await pass(aPost(), { gateway: server.url, budgetMs: 2_000 });
  expect([response.status, server.heard.length]).toEqual([202, 2]);
  expect(server.heard[0]?.headers[forwardingHeaders.id]).toBe(server.heard[1]?.headers[forwardingHeaders.id]);
});

test.each([502, 503, 504, 521])("%i is tried again", async (status) => {
  const server = await aServer({ status }, accepted);
  expect((await pass(aPost(), { gateway: server.url })).status).toBe(202);
});

test.each([429, 503])("%i with a wait within the budget is waited for", async (status) => {
  const server = await aServer({ status, headers: { "retry-after": "0" } }, accepted);
  expect((await pass(aPost(), { gateway: server.url })).status).toBe(202);
});

test.each([429, 503])("%i with a wait beyond the budget is handed on as it is, after one try", async (status) => {
  const headers = { "retry-after": "60", "content-type": "text/html" };
  const server = await aServer({ status, headers, body: "come back" });
  const response = await pass(aPost(), { gateway: server.url });
  expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
    status,
    "60",
    "come back",
  ]);
  expect(server.heard).toHaveLength(1);
});

test.each([400, 403, 422, 500])("%i is an answer, and not tried again", async (status) => {
  const server = await aServer({ status });
  expect((await pass(aPost(), { gateway: server.url })).status).toBe(status);
  expect(server.heard).toHaveLength(1);
});

test("what concerns the gateway's own host and connection is not handed on", async () => {
  const headers = {
    ...accepted.headers,
    "set-cookie": "a=b",
    "strict-transport-security": "max-age=1",
    "x-own": "kept",
  };
  const server = await aServer({ ...accepted, headers });
  const response = await pass(aPost(), { gateway: server.url });
  expect([...response.headers.keys()].sort()).toEqual(["content-type", "x-own"]);
});

test("without a gateway a script is told that nothing was kept, and when to try again", async () => {
  const troubles: string[] = [];
  const report = (trouble: string) => void troubles.push(trouble);
  const response = await pass(aPost(), { gateway: nowhere, budgetMs: 300, report });
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "10"]);
  expect(await response.json()).toMatchObject({ status: 503, code: "gateway_unreachable" });
  expect(troubles).toEqual([expect.stringContaining("could not be reached")]);
});

test("a proxy's own page about a gateway that is gone is not shown to visitors", async () => {
  const server = await aServer({ status: 502, body: "nginx" });
  const response = await pass(aPost(), { gateway: server.url, budgetMs: 300 });
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([503, "gateway_unreachable"]);
});

test("a page keeps what was typed, and sent from there it counts once, though the first was kept after all", async () => {
  const own = await opened();
  onTestFinished(() => own.close());
  // A proxy that passes everything on, and loses the answers.
  const proxy = await aServer(async ({ url, headers, body }) => {
    const { host: _host, connection: _connection, "content-length": _length, ...rest } = headers;
    const sent = { method: "POST", headers: rest as Record<string, string>, body: new Uint8Array(body) };
    await fetch(own.url + url, { ...sent, redirect: "manual" });
    return { status: 502 };
  });
  const typed = new URLSearchParams({ ...(aPerson() as Record<string, string>), message: '"><script>Grüße\r\n' });
  const request = aFormPost(typed, "/f/contact", { referer: `${site}/page` });
  const response = await pass(request, { gateway: proxy.url, budgetMs: 300 });
  const html = await response.text();
  expect([response.status, await leadsIn(own)]).toEqual([503, 1]);
  expect(html).not.toContain("<script>");
  const again = new URLSearchParams(hiddenFieldsOf(html));
  expect(Object.fromEntries(again)).toMatchObject(Object.fromEntries(typed));
  expect(JSON.parse(again.get("_attribution") ?? "")).toEqual({ url: `${site}/page` });
  const second = await pass(aFormPost(again), { gateway: own.url });
  expect([second.status, await leadsIn(own)]).toEqual([303, 1]);
});

test("a page beside a form that cannot be had says nothing of what was sent before", async () => {
  const response = await pass(new Request(`${site}/f/contact/thanks`), { gateway: nowhere, budgetMs: 100 });
  expect([response.status, await response.text()]).toEqual([503, "Not now. Reload in a moment.\n"]);
});

test("a body beyond the limit is refused before it is passed on", async () => {
  const response = await pass(aPost(aPerson({ message: "x".repeat(300_000) })), { gateway: nowhere });
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([413, "too_large"]);
});

test("a wrong secret is noticed: by the forwarder, by the gateway's log, and not at the visitor's expense", async () => {
  logged.length = 0;
  const troubles: string[] = [];
  const options = { secret: "another secret of 24 or more", report: (trouble: string) => void troubles.push(trouble) };
  const response = await pass(aPost(), options);
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "10"]);
  expect(troubles).toEqual([expect.stringContaining("bad_signature")]);
  expect(logged).toEqual([expect.stringContaining("signature does not hold")]);
});

test("a secret that is missing or short is noticed at once", async () => {
  const troubles: string[] = [];
  const report = (trouble: string) => void troubles.push(trouble);
  const response = await pass(aPost(), { secret: "", report });
  expect([response.status, troubles]).toEqual([503, [expect.stringContaining("the secret is missing")]]);
});

test("a gateway that knows no forwarder refuses what one signs", async () => {
  const plain = await aGateway();
  onTestFinished(() => plain.close());
  const troubles: string[] = [];
  const report = (trouble: string) => void troubles.push(trouble);
  expect((await pass(aPost(), { gateway: plain.url, report })).status).toBe(503);
  expect(troubles).toEqual([expect.stringContaining("no LEADKEEP_FORWARD_SECRET is set here")]);
});

test("what is signed by hand is believed too", async () => {
  const response = await sendSigned();
  expect([response.status, (await leadOf(response)).ipAddress === null]).toEqual([202, false]);
});

test.each<[string, Parameters<typeof sendSigned>[0]]>([
  ["the body", { body: JSON.stringify(aPerson()) }],
  ["the form", { target: "/f/other" }],
  ["the address", { after: { "leadkeep-address": "203.0.113.10" } }],
  ["the origin", { after: { "leadkeep-origin": "https://evil.example.com" } }],
  ["the path", { after: { "leadkeep-path": "/elsewhere" } }],
  ["the id", { after: { "leadkeep-id": "fwd_other" } }],
  ["the time", { after: { "leadkeep-timestamp": String(Math.floor(Date.now() / 1_000) + 1) } }],
  ["the idempotency key", { after: { "idempotency-key": "another" } }],
  ["the signature", { after: { "leadkeep-signature": "v1,AAAA" } }],
  ["the scheme", { after: { "leadkeep-signature": "v2,AAAA" } }],
])("nothing is kept when %s was changed after signing", async (_what, change) => {
  const before = await leadsIn(leadkeep);
  const response = await sendSigned(change);
  expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([403, "bad_signature"]);
  expect(await leadsIn(leadkeep)).toBe(before);
});

test.each([-301, 302])("a signature that is %i seconds off is refused", async (seconds) => {
  const response = await sendSigned({ timestamp: Math.floor(Date.now() / 1_000) + seconds });
  expect(response.status).toBe(403);
});

test.each([-295, 295])("a clock that is %i seconds off is put up with", async (seconds) => {
  const response = await sendSigned({ timestamp: Math.floor(Date.now() / 1_000) + seconds });
  expect(response.status).toBe(202);
});

test("a signed submission that is sent once more by somebody on the way gives the same lead", async () => {
  const server = await aServer(accepted);
  await pass(aPost(), { gateway: server.url });
  const [{ headers, body }] = server.heard as [Heard];
  const { host: _host, connection: _connection, "content-length": _length, ...rest } = headers;
  const replay = () =>
    fetch(`${leadkeep.url}/f/contact`, {
      method: "POST",
      headers: rest as Record<string, string>,
      body: new Uint8Array(body),
    });
  expect((await leadOf(await replay())).id).toBe((await leadOf(await replay())).id);
});

test("without a signature nothing of what a forwarder tells is believed, and the submission is as any other", async () => {
  const response = await fetch(`${leadkeep.url}/f/contact`, {
    method: "POST",
    redirect: "manual",
    headers: { "leadkeep-address": "203.0.113.7", "leadkeep-path": "/elsewhere", "leadkeep-id": "fwd_1" },
    body: new URLSearchParams(aPerson() as Record<string, string>),
  });
  expect([response.status, response.headers.get("location")]).toEqual([303, "/f/contact/thanks"]);
});

test("a refused signature is counted", async () => {
  const codes: string[] = [];
  const stop = leadkeep.gateway.observe((happening) => happening.type === "refused" && codes.push(happening.code));
  await sendSigned({ body: "{}" });
  stop();
  expect(codes).toEqual(["bad_signature"]);
});

test("the forwarder is made of web standards alone", () => {
  const seen = new Set<string>();
  (function look(file: URL): void {
    if (seen.has(file.href)) return;
    seen.add(file.href);
    const text = readFileSync(file, "utf8");
    for (const [, specifier = ""] of text.matchAll(/(?:from|import\()\s*"([^"]+)"/g)) {
      expect(specifier).toMatch(/^\.\.?\//);
      look(new URL(specifier, file));
    }
    expect(text).not.toMatch(/\b(?:Buffer|require)\b/);
  })(new URL("../../src/adapters/forward.ts", import.meta.url));
  expect(seen.size).toBeGreaterThan(3);
});

/** What the browser would send when the page's button is pressed. */
function hiddenFieldsOf(html: string): [string, string][] {
  const plain = (text = "") =>
    text.replace(
      /&(amp|lt|gt|quot|#39);/g,
      (_, name) => ({ amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" })[name as "amp"],
    );
  return [...html.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)].map(([, name, value]) => [
    plain(name),
    plain(value),
  ]);
}
