import { expect, test } from "vitest";
import { adminPassword, anApi } from "../support/an-api.ts";

test("a change in the name of who is signed in is taken from the gateway's own pages only", async () => {
  const api = await anApi({ variables: { PUBLIC_URL: "https://leads.example.com" } });
  const { cookie } = (await api.owner()) as { cookie: string };
  const tries: [Record<string, string>, number][] = [
    [{ "sec-fetch-site": "same-origin" }, 200],
    [{ "sec-fetch-site": "same-origin", origin: "https://evil.example.com" }, 200],
    [{ origin: api.url }, 200],
    [{ origin: "https://leads.example.com" }, 200],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ "sec-fetch-site": "cross-site", origin: api.url }, 403],
    [{ "sec-fetch-site": "none" }, 403],
    [{ origin: "https://evil.example.com" }, 403],
    [{ origin: "null" }, 403],
    [{}, 403],
  ];
  for (const [headers, status] of tries) {
    const answered = await api.call("POST", "/deliveries/replay", {
      as: null,
      body: { state: "dead", dry_run: true },
      headers: { cookie, ...headers },
    });
    expect([headers, answered.status]).toEqual([headers, status]);
    if (status === 403) expect(answered.json()).toMatchObject({ code: "csrf" });
  }
});

test("another site's page cannot sign a visitor in to an account of its own", async () => {
  const api = await anApi();
  const headers = { origin: "https://evil.example.com", "sec-fetch-site": "cross-site" };
  const answered = await api.call("POST", "/session", { as: null, body: { password: adminPassword }, headers });
  expect([answered.status, answered.headers.get("set-cookie")]).toEqual([403, null]);
});

test("a bearer token needs no origin: no browser sends it by itself", async () => {
  const api = await anApi();
  const headers = { origin: "https://tool.example.com", "sec-fetch-site": "cross-site" };
  const body = { state: "dead", dry_run: true };
  expect((await api.call("POST", "/deliveries/replay", { body, headers })).status).toBe(200);
});

test("no other site's page may read an answer: there is no CORS", async () => {
  const api = await anApi();
  const answered = await api.call("GET", "/overview", { headers: { origin: "https://evil.example.com" } });
  expect([...answered.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  const preflight = await api.call("OPTIONS", "/overview", {
    as: null,
    headers: { origin: "https://evil.example.com", "access-control-request-method": "GET" },
  });
  expect([...preflight.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
});

test("answers are not kept by browsers or proxies, not shown as pages, and not framed", async () => {
  const api = await anApi();
  for (const path of ["/overview", "/nothing-here", "/openapi.json"]) {
    const { headers } = await api.call("GET", path);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
  }
});
