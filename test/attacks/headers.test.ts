import { describe, expect, onTestFinished, test } from "vitest";
import { secretsOf } from "../../src/config/secret-file.ts";
import { createAddressHash } from "../../src/intake/address-hash.ts";
import { createPersonLinks } from "../../src/privacy/person-links.ts";
import { aGateway, aPerson, type TestGateway } from "../support/a-gateway.ts";
import { type Answer, ask } from "../support/http.ts";

const json = { "content-type": "application/json" };
const urlencoded = { "content-type": "application/x-www-form-urlencoded" };

/** Every kind of answer there is: what is asked, and whether it may be kept by a browser. */
async function answersOf(gateway: TestGateway): Promise<[string, Answer][]> {
  const { url } = gateway;
  const withdraw = new URL((await withdrawalLink(gateway)) ?? "").pathname;
  const asked: [string, string, string, Record<string, string>, string][] = [
    ["an accepted lead", "POST", "/f/contact", json, JSON.stringify(aPerson())],
    ["an accepted lead of a browser", "POST", "/f/contact", urlencoded, "email=a@example.com"],
    ["a refusal", "POST", "/f/contact", json, "{"],
    ["a form to be corrected", "POST", "/f/contact", urlencoded, "name=Ada"],
    ["an unknown form", "POST", "/f/_", json, "{}"],
    ["a preflight", "OPTIONS", "/f/contact", { origin: "https://example.com" }, ""],
    ["a thank-you page", "GET", "/f/contact/thanks", {}, ""],
    ["a stamp", "GET", "/f/contact/stamp", {}, ""],
    ["a page to withdraw on", "GET", withdraw, {}, ""],
    ["a person's page with a wrong token", "GET", "/u/wrong", {}, ""],
    ["a page to confirm on with a wrong token", "GET", "/c/wrong", {}, ""],
    ["the console", "GET", "/console", {}, ""],
    ["a page of the console", "GET", "/console/leads", {}, ""],
    ["a file of the console that is not there", "GET", "/console/assets/none.js", {}, ""],
    ["the API", "GET", "/api/v1/leads", { authorization: `Bearer ${token}` }, ""],
    ["the API to a stranger", "GET", "/api/v1/leads", {}, ""],
    ["an address of the API where nothing is", "GET", "/api/v1/none", {}, ""],
    ["an export", "GET", "/api/v1/leads/export", { authorization: `Bearer ${token}` }, ""],
    ["health", "GET", "/healthz", {}, ""],
    ["readiness", "GET", "/readyz", {}, ""],
    ["metrics", "GET", "/metrics", {}, ""],
    ["the front", "GET", "/", {}, ""],
    ["nothing", "GET", "/none", {}, ""],
    ["a drain without a token", "POST", "/internal/drain", {}, ""],
  ];
  const answers: [string, Answer][] = [];
  for (const [what, method, path, headers, body] of asked) {
    answers.push([what, await ask(`${url}${path}`, { method, headers, body })]);
  }
  return answers;
}

/** As it stands in a mail; null when there is none. */
async function withdrawalLink({ gateway, post, record }: TestGateway): Promise<string | null> {
  const { options } = gateway;
  const links = createPersonLinks({ secrets: secretsOf(options), publicUrl: options.publicUrl, now: Date.now });
  return links.withdraw((await record(await post(aPerson()))).lead);
}

const token = "api-token-of-the-tests-0123456789";
const variables = { PUBLIC_URL: "https://leads.example.com", LEADKEEP_API_TOKEN: token };

async function aTestGateway(more: Record<string, string> = {}): Promise<TestGateway> {
  const gateway = await aGateway({ variables: { ...variables, ...more } });
  onTestFinished(() => gateway.close());
  return gateway;
}

describe("security headers on every answer", () => {
  test("nothing is sniffed, framed without being meant to, kept, or told to other sites; https stays https", async () => {
    for (const [what, { headers }] of await answersOf(await aTestGateway())) {
      expect([what, headers["x-content-type-options"]]).toEqual([what, "nosniff"]);
      expect([what, headers["cache-control"]]).toEqual([what, "no-store"]);
      expect([what, headers["content-security-policy"]]).toEqual([what, expect.stringContaining("default-src 'none'")]);
      expect([what, headers["referrer-policy"]]).toEqual([
        what,
        expect.stringMatching(/^(?:same-origin|no-referrer)$/),
      ]);
      expect([what, headers["strict-transport-security"]]).toEqual([what, "max-age=31536000"]);
      expect([what, headers["x-powered-by"], headers.server]).toEqual([what, undefined, undefined]);
    }
  });

  test("clickjacking: no page with a button that acts for somebody may be framed", async () => {
    // Pages of forms may be: sites show their forms, and what comes after, in frames.
    const framed = /^an accepted lead|^a refusal|^a form to be|^an unknown form|^a thank-you/;
    for (const [what, { headers }] of await answersOf(await aTestGateway())) {
      if (framed.test(what)) continue;
      const policy = headers["content-security-policy"] as string;
      expect([what, policy]).toEqual([what, expect.stringMatching(/frame-ancestors 'none'|default-src 'none'; frame/)]);
    }
  });

  test("an address that is not https says nothing of https", async () => {
    const { url } = await aTestGateway({ PUBLIC_URL: "http://leads.example.com" });
    const { headers } = await ask(`${url}/healthz`, { method: "GET" });
    expect(headers["strict-transport-security"]).toBeUndefined();
  });

  test("no script runs on a page of ours but the console's own files", async () => {
    for (const [what, { headers }] of await answersOf(await aTestGateway())) {
      const policy = headers["content-security-policy"] as string;
      const scripts = /script-src ([^;]*)/.exec(policy)?.[1];
      expect([what, scripts]).toEqual([
        what,
        /^(?:the console|a page of the console|a file of)/.test(what) ? "'self'" : undefined,
      ]);
      expect([what, policy.includes("unsafe")]).toEqual([what, false]);
    }
  });
});

describe("host-header injection", () => {
  const hosts = ["evil.example.com", "evil.example.com:8787", "leads.example.com@evil.example.com", "127.0.0.1:1"];
  test.each(hosts)("what a request calls us by (%s) comes into no answer once PUBLIC_URL is set", async (host) => {
    const { url } = await aTestGateway();
    for (const [path, method, headers, body] of [
      ["/f/contact", "POST", urlencoded, "email=a@example.com"],
      ["/f/contact", "POST", urlencoded, "name=Ada"],
      ["/f/contact", "POST", urlencoded, `email=a@example.com&_redirect=https://${host}/`],
      ["/f/contact", "POST", urlencoded, `email=a@example.com&_redirect=http://${host}/`],
      ["/f/contact/thanks", "GET", {}, ""],
      ["/console/sign-in", "GET", {}, ""],
      ["/api/v1/forms", "GET", { authorization: `Bearer ${token}` }, ""],
      ["/api/v1/openapi.json", "GET", {}, ""],
      ["/none", "GET", {}, ""],
    ] as const) {
      const forwarded = { "x-forwarded-host": host, "x-forwarded-proto": "https", forwarded: `host=${host}` };
      const answer = await ask(`${url}${path}`, { method, headers: { ...headers, ...forwarded, host }, body });
      expect(JSON.stringify(answer.headers) + answer.body).not.toContain("evil");
      if (answer.headers.location) expect(answer.headers.location).toMatch(/^\/f\/contact\/thanks$/);
    }
  });

  test("without PUBLIC_URL there are no links in mails, rather than links a request can choose", async () => {
    const gateway = await aTestGateway({ PUBLIC_URL: "" });
    expect(await withdrawalLink(gateway)).toBeNull();
  });
});

describe("proxies", () => {
  /** What is kept of the address a request says it comes from. */
  async function addressKept(trust: string, forwarded: string): Promise<string | null | undefined> {
    const gateway = await aTestGateway({ TRUST_PROXY: trust, LEADKEEP_IP_HASH: "stable" });
    const headers = { ...json, "x-forwarded-for": forwarded, "x-real-ip": "9.9.9.9", forwarded: "for=9.9.9.9" };
    const { body } = await ask(`${gateway.url}/f/contact`, { headers, body: aPerson() });
    const { ipAddress } = (await gateway.record(JSON.parse(body).lead_id)).lead;
    const hash = createAddressHash({
      secret: secretsOf(gateway.gateway.options)[0],
      under: "stable",
      truncate: false,
      today: () => ({ id: "", key: "" }),
    });
    const known = ["127.0.0.1", "1.1.1.1", "2.2.2.2", "9.9.9.9"].find((one) => hash(one) === ipAddress);
    return known ?? ipAddress;
  }

  test("X-Forwarded-For is believed only as far as TRUST_PROXY says", async () => {
    expect(await addressKept("0", "1.1.1.1, 2.2.2.2")).toBe("127.0.0.1");
    expect(await addressKept("1", "1.1.1.1, 2.2.2.2")).toBe("2.2.2.2");
    expect(await addressKept("2", "1.1.1.1, 2.2.2.2")).toBe("1.1.1.1");
  });
});
