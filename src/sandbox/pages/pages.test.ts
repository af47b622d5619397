import { afterEach, beforeEach, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../index.ts";
import { escapeHtml, html } from "./html.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox({ site: { gatewayUrl: "http://127.0.0.1:8787/", form: "quote" } });
});
afterEach(() => sandbox.close());

async function get(path: string) {
  const response = await fetch(sandbox.url + path, { redirect: "manual" });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

test.each(["/", "/thanks", "/sandbox"])("%s is served under a policy without anything inline", async (path) => {
  const { status, headers, text } = await get(path);
  expect(status).toBe(200);
  expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
  expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'; style-src 'self'; script-src 'self'/);
  expect(headers.get("content-security-policy")).not.toContain("unsafe");
  expect(text).not.toMatch(
    /<script(?![^>]* src="(\/assets\/|http:\/\/127\.0\.0\.1:8787\/leadkeep\.js))|<style| style="| on[a-z]+="/,
  );
});

test("the site's policy lets its form go to the gateway", async () => {
  const { headers } = await get("/");
  expect(headers.get("content-security-policy")).toContain("form-action 'self' http://127.0.0.1:8787");
});

test("the form is a plain post to the gateway, consent not ticked and its wording sent along", async () => {
  const { text } = await get("/");
  expect(text).toContain('<form class="card" method="post" action="http://127.0.0.1:8787/f/quote"');
  for (const name of ["name", "email", "phone", "roof_type", "interests", "message", "consent", "marketing_consent"]) {
    expect(text).toContain(`name="${name}"`);
  }
  expect(text).toMatch(/name="_consent_text" value="Northlight Solar may use/);
  expect(text).not.toMatch(/ checked/);
});

test("a visitor without a campaign is offered one, and one with it is told", async () => {
  const offered = /href="(\/\?utm_source=[^"]+)"/.exec((await get("/")).text)?.[1]?.replaceAll("&amp;", "&");
  const query = new URLSearchParams(offered?.slice(2));
  expect(Object.fromEntries(query)).toMatchObject({
    utm_source: "google",
    utm_medium: "cpc",
    utm_campaign: "solar-autumn",
  });
  expect(query.has("gclid")).toBe(true);
  expect((await get(offered ?? "")).text).toContain("You arrived as if from an ad");
});

test("without a site the first page leads to the sandbox page", async () => {
  const bare = await startSandbox();
  const response = await fetch(bare.url, { redirect: "manual" });
  await bare.close();
  expect([response.status, response.headers.get("location")]).toEqual([302, "/sandbox"]);
});

test("a site can be put up after the start", async () => {
  sandbox.showSite({ gatewayUrl: "http://127.0.0.1:9999", form: "contact" });
  expect((await get("/")).text).toContain('action="http://127.0.0.1:9999/f/contact"');
});

test.each([
  ["/assets/site.css", "text/css; charset=utf-8"],
  ["/assets/sandbox.css", "text/css; charset=utf-8"],
  ["/assets/sandbox.js", "text/javascript; charset=utf-8"],
])("%s is served as %s", async (path, type) => {
  const { status, headers } = await get(path);
  expect([status, headers.get("content-type")]).toEqual([200, type]);
});

test("an unknown page is answered 404", async () => {
  expect((await get("/assets/../sandbox.ts")).status).toBe(404);
  expect((await get("/other")).status).toBe(404);
});

test("templates escape what they are given, and leave HTML alone", () => {
  expect(escapeHtml(`<a href="x">&'`)).toBe("&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  expect(html`<p>${"<b>"}${html`<i>`}${[1, null, "&"]}${false}</p>`.html).toBe("<p>&lt;b&gt;<i>1&amp;</p>");
});
