import { expect, test } from "vitest";
import { adminPassword, anApi, cookieOf } from "../support/an-api.ts";

const https = { variables: { PUBLIC_URL: "https://leads.example.com" } };

test("session fixation from another name of the same domain: behind https only a __Host- cookie is a session", async () => {
  const api = await anApi(https);
  const entered = await api.call("POST", "/session", { as: null, body: { password: adminPassword } });
  expect(entered.headers.get("set-cookie")).toMatch(/^__Host-leadkeep_session=[^;]+; .*Path=\/; .*Secure/);
  expect(entered.headers.get("set-cookie")).not.toContain("Domain");
  const cookie = cookieOf(entered);
  expect((await api.call("GET", "/session", { as: { cookie } })).status).toBe(200);
  // What blog.example.com could set for all of example.com.
  const planted = { cookie: cookie.replace("__Host-", "") };
  expect((await api.call("GET", "/session", { as: planted })).status).toBe(401);
});

test("session fixation: a cookie from before signing in is never the session, and signing in twice gives two", async () => {
  const api = await anApi();
  const planted = { cookie: `leadkeep_session=${"A".repeat(43)}.${"A".repeat(43)}` };
  const entered = await api.call("POST", "/session", { as: planted, body: { password: adminPassword } });
  const again = await api.call("POST", "/session", { as: planted, body: { password: adminPassword } });
  expect([entered.status, again.status]).toEqual([204, 204]);
  expect(new Set([planted.cookie, cookieOf(entered), cookieOf(again)]).size).toBe(3);
  expect((await api.call("GET", "/session", { as: planted })).status).toBe(401);
});

test("signing out takes the cookie away, also behind https", async () => {
  const api = await anApi(https);
  const as = { cookie: cookieOf(await api.call("POST", "/session", { as: null, body: { password: adminPassword } })) };
  const out = await api.call("DELETE", "/session", { as, headers: { "sec-fetch-site": "same-origin" } });
  expect(out.headers.get("set-cookie")).toMatch(/^__Host-leadkeep_session=; Max-Age=0; .*Secure/);
  expect((await api.call("GET", "/session", { as })).status).toBe(401);
});

test("what a request says of https is believed of a trusted proxy only: no Secure is gained, and none is lost", async () => {
  const body = { password: adminPassword };
  const [plain, behindHttps] = [await anApi(), await anApi(https)];
  const claimed = await plain.call("POST", "/session", { as: null, body, headers: { "x-forwarded-proto": "https" } });
  expect(claimed.headers.get("set-cookie")).toMatch(/^leadkeep_session=(?!.*Secure)/);
  const denied = await behindHttps.call("POST", "/session", {
    as: null,
    body,
    headers: { "x-forwarded-proto": "http" },
  });
  expect(denied.headers.get("set-cookie")).toMatch(/^__Host-leadkeep_session=.*Secure/);
});
