import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import * as z from "zod";
import { checkConfig, type LeadkeepConfig } from "../../../src/config/config.ts";
import { type Gateway, openGateway } from "../../../src/gateway.ts";
import { defaultHoneypot } from "../../../src/model/form.ts";
import { isLeadId } from "../../../src/model/id.ts";
import { startServer } from "../../../src/server/server.ts";
import { mutatedBytes, mutatedText } from "../bytes.ts";
import { corpus } from "../corpus.ts";
import type { Target } from "../target.ts";
import { mutatedValue } from "../values.ts";
import { type Answered, assertWellFormed } from "../well-formed.ts";
import { sentFields } from "./sent-fields.ts";

type Post = {
  way: "receive" | "handler";
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Uint8Array;
  address: string | null;
};
type Input = Post | { way: "socket"; bytes: Uint8Array };
type Seed = { type: string | null; body: unknown };

/** How many inputs the ledger may hold before a new one is begun. */
const fullAt = 20_000;
const rawShare = 150;

/** Anything posted to forms: through the gateway's two doors at speed, and a share as raw bytes over real sockets. */
export async function openIntake(): Promise<Target<Input>> {
  let place = await openPlace();
  let gathered = 0;
  const figures: Record<string, number> = {};
  return {
    input: inputs(),
    async check(input) {
      gathered += 1;
      const statuses = input.way === "socket" ? await place.throwAt(input.bytes) : [await place.post(input)];
      for (const status of statuses) figures[status] = (figures[status] ?? 0) + 1;
    },
    async settle() {
      await place.settle();
      if (gathered < fullAt) return;
      gathered = 0;
      await place.close();
      place = await openPlace();
    },
    figures: () => figures,
    close: () => place.close(),
  };
}

type Place = {
  /** @throws when the answer, or what is on record after it, is not what it must be */
  post(post: Post): Promise<string>;
  throwAt(bytes: Uint8Array): Promise<string[]>;
  settle(): Promise<void>;
  close(): Promise<void>;
};

const config: LeadkeepConfig = {
  forms: {
    contact: {},
    strict: {
      fields: z.object({ message: z.string().max(200), age: z.coerce.number().optional() }),
      origins: ["https://example.com"],
      thanks: "https://example.com/thanks",
      consents: [{ field: "consent", purpose: "enquiry", text: "You may answer.", version: "1" }],
      stamp: "expected",
    },
    proof: { captcha: { type: "altcha" }, honeypot: ["website", "fax"] },
  },
  destinations: {},
  limits: { addressSuspect: 1e9, addressQuarantine: 1e9, address: 1e9, form: 1e9 },
};

async function openPlace(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-fuzz-"));
  const options = await checkConfig(config, {
    LEADKEEP_DATA: folder,
    LEADKEEP_SECRET: "fuzz-fuzz-fuzz-fuzz",
    CRM_WEBHOOK_URL: "http://127.0.0.1:9/",
    PORT: "0",
  });
  const bugs: string[] = [];
  const note = (...line: unknown[]): void => void bugs.push(JSON.stringify(line));
  // A full quarantine and a stranger's signature are things to warn of; that intake itself failed is not.
  const warn = (fields: { code?: string }, ...rest: unknown[]): void => {
    if (fields.code === "internal" || fields.code === "schema_failed") note(fields, ...rest);
  };
  const gateway = await openGateway(options, { log: { info() {}, warn, error: note } });
  const server = await startServer(gateway, { bodyTimeoutMs: 60, headersTimeoutMs: 60, doors: 1 });
  const ledger = new DatabaseSync(join(folder, "ledger.db"), { readOnly: true });
  const version = ledger.prepare("PRAGMA data_version");
  const changes = (): unknown => version.get()?.data_version;
  const accepted = new Set<string>();

  async function post(given: Post): Promise<string> {
    const before = changes();
    const answered = await answerOf(gateway, given);
    const written = changes() !== before;
    if (answered === null) return written ? fail("something was written without an answer") : "no form";
    assertWellFormed(answered);
    if (bugs.length > 0) fail(bugs.splice(0).join("\n"));
    const { status } = answered;
    const thanked = status === 202 || status === 303;
    if (written && !thanked) fail(`answered ${status}, yet something was written`);
    if (status === 202) await assertKept(gateway, answered, given, written, accepted);
    return String(status);
  }

  return {
    post,
    throwAt: async (bytes) => {
      const said = await exchange(server.url, bytes);
      if (bugs.length > 0) fail(bugs.splice(0).join("\n"));
      return answersIn(said).map((answered) => {
        assertWellFormed(answered);
        return `raw ${answered.status}`;
      });
    },
    async settle() {
      const body = Buffer.from('{"email":"ada@example.com"}');
      const headers = { "content-type": "application/json" };
      const status = await post({ way: "receive", method: "POST", path: "/f/contact", headers, body, address: null });
      if (status !== "202") fail(`a plain lead is answered ${status}`);
    },
    async close() {
      ledger.close();
      await server.close(100);
      await gateway.stop({ graceMs: 100 });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answerOf(gateway: Gateway, post: Post): Promise<Answered | null> {
  const { way, method, path, headers, body, address } = post;
  if (way === "receive") {
    const reply = gateway.receive(path, {
      method,
      header: (name) => headers[name] ?? null,
      address,
      origin: "https://leads.example.com",
      readBody: async (limit) => (body.length > limit ? { type: "too_large" } : { type: "bytes", bytes: body }),
    });
    return reply;
  }
  const request = new Request(`https://leads.example.com${path}`, {
    method,
    headers,
    ...(method === "GET" || method === "HEAD" ? {} : { body: new Uint8Array(body) }),
  });
  const response = await gateway.handler(request, { address });
  if (response.status === 404 && !response.headers.has("content-type")?.valueOf()) return null;
  const text = await response.text();
  if (response.status === 404 && text === "Not found\n") return null;
  return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
}

/** The lead is there, and says to the letter what was sent, unless it is an earlier one sent again. */
async function assertKept(
  gateway: Gateway,
  { body }: Answered,
  post: Post,
  written: boolean,
  accepted: Set<string>,
): Promise<void> {
  const { lead_id: id } = JSON.parse(body) as { lead_id: string };
  const record = isLeadId(id) ? await gateway.ledger.findLead(id) : null;
  if (!record) return fail(`${id} was accepted, and is not on record`);
  const sent = await sentFields(post.headers["content-type"] ?? null, post.body);
  const hasKey = "idempotency-key" in post.headers || (sent?.hasKey ?? true);
  if (!written && !hasKey) fail(`${id} was accepted, and nothing was written`);
  if (!written || accepted.has(id)) return;
  accepted.add(id);
  // With a key it may be an earlier one that was sent again, while the program wrote something of its own.
  if (!sent || hasKey) return;
  const kept = without(record.lead.formData, honeypots);
  const expected = without(sent.fields, honeypots);
  if (!isDeepStrictEqual(kept, expected)) fail(`sent ${JSON.stringify(expected)}, kept ${JSON.stringify(kept)}`);
}

/** An empty one is left out. */
const honeypots = [defaultHoneypot, "website", "fax", "altcha"];

function without(fields: Record<string, unknown>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** Sends bytes; resolves to all that was said until the server closed the connection or has said nothing for a while. */
function exchange(url: string, bytes: Uint8Array): Promise<Buffer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    const said: Buffer[] = [];
    socket.setTimeout(400, () => socket.destroy());
    socket.on("data", (chunk: Buffer) => {
      said.push(chunk);
      if (isWhole(said)) socket.destroy();
    });
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNREFUSED" ? reject(error) : socket.destroy(),
    );
    socket.once("close", () => resolve(Buffer.concat(said)));
    socket.write(bytes);
  });
}

/** One answer is enough: a second is waited for in vain when none was asked for. */
function isWhole(said: readonly Buffer[]): boolean {
  const text = Buffer.concat(said).toString("latin1");
  const [, length] = /^content-length: (\d+)\r$/im.exec(text) ?? [];
  const head = text.indexOf("\r\n\r\n");
  return head >= 0 && length !== undefined && text.length >= head + 4 + Number(length);
}

/** The whole answers of a connection. What is cut off at its end is not one. */
function answersIn(said: Buffer): Answered[] {
  const answers: Answered[] = [];
  let rest = said;
  for (;;) {
    const end = rest.indexOf("\r\n\r\n");
    if (end < 0) return answers;
    const [first = "", ...lines] = rest.subarray(0, end).toString("latin1").split("\r\n");
    const [, status] = /^HTTP\/1\.[01] (\d{3})/.exec(first) ?? fail(`no answer: ${first}`);
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
    );
    const length = Number(headers["content-length"] ?? 0);
    if (headers["transfer-encoding"] !== undefined) return answers;
    const body = rest.subarray(end + 4, end + 4 + length).toString("utf8");
    // Node's own refusals, and answers to HEAD, have no body.
    const whole = rest.length >= end + 4 + length;
    if (Number(status) >= 200 && whole) answers.push({ status: Number(status), headers, body });
    rest = rest.subarray(end + 4 + length);
  }
}

function inputs(): fc.Arbitrary<Input> {
  const seeds = corpus("intake") as Seed[];
  const bodies = seeds.map(({ body }) =>
    Buffer.from(typeof body === "string" ? body.replaceAll("\n", "\r\n") : JSON.stringify(body)),
  );
  const types = [...new Set(seeds.map(({ type }) => type ?? ""))];
  const objects = seeds.map(({ body }) => body).filter((body) => typeof body === "object");
  const json = mutatedValue(objects).map((body) => ({
    type: "application/json",
    body: Buffer.from(JSON.stringify(body) ?? ""),
  }));
  const asSeed = fc
    .nat({ max: seeds.length - 1 })
    .chain((n) =>
      mutatedBytes([bodies[n] ?? Buffer.alloc(0), ...bodies]).map((body) => ({ type: seeds[n]?.type ?? "", body })),
    );
  const anything = fc.record({
    type: mutatedText(types),
    body: fc.oneof(
      mutatedBytes(bodies),
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    ),
  });
  const paths = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom("/f/contact", "/f/contact", "/f/strict", "/f/proof") },
    {
      weight: 1,
      arbitrary: mutatedText([
        "/f/contact",
        "/f/strict/thanks",
        "/f/proof/challenge",
        "/f/contact/stamp",
        "/c/abc.def",
        "/u/abc.def",
      ]).map(inPath),
    },
  );
  const other = fc.oneof(
    mutatedText([
      "text/html,application/xhtml+xml",
      "application/json",
      "https://example.com",
      "null",
      "https://example.com/?utm_source=x&gclid=y",
      "k-1",
      "lk=1; x=y",
      "same-origin",
      "gzip",
    ]),
    fc.constantFrom("application/json", "https://example.com", "same-origin", "cross-site"),
  );
  const headers = fc.dictionary(
    fc.constantFrom(
      "accept",
      "origin",
      "referer",
      "idempotency-key",
      "cookie",
      "sec-fetch-site",
      "user-agent",
      "content-encoding",
      "content-length",
      "leadkeep-signature",
      "leadkeep-forwarded",
    ),
    other.map(inHeader),
    { maxKeys: 3, noNullPrototype: true },
  );
  const post = fc
    .record({
      way: fc.constantFrom("receive" as const, "receive" as const, "handler" as const),
      method: fc.oneof(
        { weight: 20, arbitrary: fc.constant("POST") },
        fc.constantFrom("GET", "HEAD", "PUT", "OPTIONS", "DELETE"),
      ),
      path: paths,
      headers,
      sent: fc.oneof({ weight: 4, arbitrary: json }, { weight: 4, arbitrary: asSeed }, anything),
      address: fc.constantFrom(null, "203.0.113.7", "2001:db8::1", "::ffff:192.0.2.1", "not an address"),
    })
    .map(({ sent: { type, body }, headers: rest, ...given }): Input => {
      const contentType = inHeader(type);
      return { ...given, body, headers: { ...rest, ...(contentType === "" ? {} : { "content-type": contentType }) } };
    });
  const raw = mutatedBytes(seeds.map(({ type }, n) => rawPost(type ?? "", bodies[n] ?? Buffer.alloc(0)))).map(
    (bytes): Input => ({ way: "socket", bytes }),
  );
  return fc.oneof({ weight: rawShare, arbitrary: post }, { weight: 1, arbitrary: raw });
}

function rawPost(type: string, body: Buffer): Buffer {
  const head = [
    "POST /f/contact HTTP/1.1",
    "Host: leads.example.com",
    `Content-Type: ${type}`,
    `Content-Length: ${body.length}`,
  ];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\nConnection: close\r\n\r\n`), body]);
}

/** What can be in a header at all. As servers hand it over: a character for each byte. */
function inHeader(text: string): string {
  return Buffer.from(text, "utf8")
    .toString("latin1")
    .replace(/[^\t\x20-\x7e\x80-\xff]/g, "")
    .trim();
}

function inPath(text: string): string {
  return `/${text.replace(/[\0-\x20?#\x7f-\u{10ffff}]/gu, "").replace(/^\/+/, "")}`;
}

function fail(what: string): never {
  throw new Error(what.slice(0, 4_000));
}
