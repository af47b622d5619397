import { expect, test } from "vitest";
import { newSignInLink } from "../../src/server/sign-in/link.ts";
import { hashPassword, isPassword } from "../../src/server/sign-in/password.ts";
import { createSignInThrottle } from "../../src/server/sign-in/throttle.ts";
import { adminPassword, anApi, apiToken, cookieOf, type TestApi } from "../support/an-api.ts";

async function tokenOfLink({ gateway, url }: TestApi, now = Date.now()): Promise<string> {
  return new URL(await newSignInLink(gateway.accounts, url, now)).hash.slice(1);
}

test("LEADKEEP_ADMIN_PASSWORD signs in as owner, without an address", async () => {
  const api = await anApi();
  const session = await api.call("GET", "/session", { as: await api.owner() });
  expect(session.json()).toMatchObject({
    person: { id: "owner", email: null, role: "owner" },
    permissions: ["read", "read_personal", "operate", "erase", "manage"],
    login: { password: true, email: false },
  });
});

test("without a password, a person or a link nobody gets in: there is no default password", async () => {
  const api = await anApi({ variables: { LEADKEEP_ADMIN_PASSWORD: "" } });
  for (const password of ["", "admin", "password", "leadkeep", adminPassword]) {
    expect((await api.call("POST", "/session", { as: null, body: { password } })).status).toBeGreaterThanOrEqual(401);
  }
  const { login } = (await api.call("GET", "/session", { as: null })).json();
  expect(login).toEqual({ password: false, email: false });
});

test("the cookie is HttpOnly, SameSite=Strict and for the whole site", async () => {
  const api = await anApi();
  const answered = await api.call("POST", "/session", { as: null, body: { password: adminPassword } });
  const attributes = answered.headers.get("set-cookie")?.split("; ").slice(1);
  expect(attributes).toEqual(["Max-Age=604800", "Path=/", "HttpOnly", "SameSite=Strict"]);
});

test("the cookie is Secure when the gateway is known by an https address", async () => {
  const api = await anApi({ variables: { PUBLIC_URL: "https://leads.example.com" } });
  const answered = await api.call("POST", "/session", { as: null, body: { password: adminPassword } });
  expect(answered.headers.get("set-cookie")).toContain("; Secure");
});

test("the cookie is Secure when a trusted proxy says the browser speaks https", async () => {
  const api = await anApi({ variables: { TRUST_PROXY: "1" } });
  const headers = { "x-forwarded-proto": "https" };
  const answered = await api.call("POST", "/session", { as: null, body: { password: adminPassword }, headers });
  expect(answered.headers.get("set-cookie")).toContain("; Secure");
});

test("signing in gives a new session id, whatever cookie the browser had", async () => {
  const api = await anApi();
  const before = (await api.owner()) as { cookie: string };
  const answered = await api.call("POST", "/session", { as: before, body: { password: adminPassword } });
  expect(cookieOf(answered)).not.toBe(before.cookie);
});

test("a session id without the gateway's signature is no session, and the ledger keeps only its hash", async () => {
  const api = await anApi();
  const { cookie } = (await api.owner()) as { cookie: string };
  const [id, signature = ""] = cookie.replace("leadkeep_session=", "").split(".");
  const forged = [`leadkeep_session=${id}`, `leadkeep_session=${id}.${"A".repeat(signature.length)}`];
  for (const one of forged) expect((await api.call("GET", "/session", { as: { cookie: one } })).status).toBe(401);
  expect(await api.gateway.accounts.findSession(id ?? "", Date.now())).toBeNull();
});

test("signing out ends the session, also for who has copied its cookie", async () => {
  const api = await anApi();
  const owner = await api.owner();
  expect((await api.call("DELETE", "/session", { as: owner })).status).toBe(204);
  expect((await api.call("GET", "/session", { as: owner })).status).toBe(401);
});

test("a changed LEADKEEP_ADMIN_PASSWORD ends the sessions that began with the old one", async () => {
  const first = await anApi();
  const owner = await first.owner();
  const { dataFolder } = first.gateway.options;
  const second = await anApi({ dataFolder, variables: { LEADKEEP_ADMIN_PASSWORD: "another long password" } });
  expect((await second.call("GET", "/session", { as: owner })).status).toBe(401);
});

test("a wrong password and an unknown address are refused alike", async () => {
  const api = await anApi();
  await api.signIn("viewer");
  const [known] = await api.gateway.accounts.people();
  const answers = await Promise.all(
    [
      { email: known?.email, password: "wrong" },
      { email: "nobody@example.com", password: "wrong" },
      { password: "wrong" },
    ].map((body) => api.call("POST", "/session", { as: null, body })),
  );
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
  expect(answers[0]?.status).toBe(401);
  expect(answers[0]?.json()).toMatchObject({ code: "sign_in_refused" });
});

test("guessing is slowed down with 429 and Retry-After, and the right password then has to wait too", async () => {
  const api = await anApi();
  const statuses: number[] = [];
  for (let n = 0; n < 7; n++) {
    statuses.push((await api.call("POST", "/session", { as: null, body: { password: `wrong ${n}` } })).status);
  }
  const last = await api.call("POST", "/session", { as: null, body: { password: adminPassword } });
  expect([statuses.slice(0, 5), last.status]).toEqual([[401, 401, 401, 401, 401], 429]);
  expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("many guesses at once get no further than one after the other", async () => {
  const api = await anApi();
  const guesses = Array.from({ length: 20 }, (_, n) =>
    api.call("POST", "/session", { as: null, body: { password: `wrong ${n}` } }),
  );
  const statuses = (await Promise.all(guesses)).map(({ status }) => status);
  expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(6);
});

test("who guesses at the owner's account does not keep the owner out: the link from the command line works", async () => {
  const api = await anApi();
  for (let n = 0; n < 8; n++) await api.call("POST", "/session", { as: null, body: { password: `wrong ${n}` } });
  const token = await tokenOfLink(api);
  expect((await api.call("POST", "/session/link", { as: null, body: { token } })).status).toBe(204);
});

test("an account's waits grow, but never beyond a minute; an address's grow further", async () => {
  const { gateway } = await anApi();
  const throttle = createSignInThrottle(gateway.ledger.together);
  for (let n = 0; n < 60; n++) await throttle.failed("address", "account");
  expect(await throttle.waitS("elsewhere", "account")).toBeLessThanOrEqual(60);
  expect(await throttle.waitS("address", "another")).toBeGreaterThan(60);
  await throttle.succeeded("account");
  expect(await throttle.waitS("elsewhere", "account")).toBe(0);
});

test("a sign-in link has its token where no server log sees it, and works once", async () => {
  const api = await anApi();
  const link = new URL(await newSignInLink(api.gateway.accounts, "https://leads.example.com/", Date.now()));
  expect([link.pathname, link.search]).toEqual(["/console/sign-in", ""]);
  const token = link.hash.slice(1);
  const first = await api.call("POST", "/session/link", { as: null, body: { token } });
  const second = await api.call("POST", "/session/link", { as: null, body: { token } });
  expect([first.status, second.status]).toEqual([204, 401]);
  const session = await api.call("GET", "/session", { as: { cookie: cookieOf(first) } });
  expect(session.json()).toMatchObject({ person: { role: "owner" } });
});

test("a sign-in link is over after 24 hours", async () => {
  const api = await anApi();
  const token = await tokenOfLink(api, Date.now() - 86_400_001);
  expect((await api.call("POST", "/session/link", { as: null, body: { token } })).status).toBe(401);
});

test("a session ends after 12 hours without a request, and after 7 days in any case", async () => {
  const { gateway } = await anApi();
  const { accounts } = gateway;
  const { createSessions } = await import("../../src/server/sign-in/sessions.ts");
  let now = Date.UTC(2026, 10, 24);
  const sessions = createSessions({ accounts, sign: gateway.sign, now: () => now });
  const idle = await sessions.begin(null, "link");
  const used = await sessions.begin(null, "link");
  const begun = now;
  let days = 0;
  for (now += 11 * 3_600_000; (await sessions.find(used)) !== null; now += 11 * 3_600_000)
    days = (now - begun) / 86_400_000;
  expect(await sessions.find(idle)).toBeNull();
  expect(days).toBeGreaterThan(6);
  expect(days).toBeLessThanOrEqual(7);
});

test("a password is kept as a salted scrypt hash: the same one twice looks different", async () => {
  const [one, other] = await Promise.all([hashPassword(adminPassword), hashPassword(adminPassword)]);
  expect(one).toMatch(/^scrypt\$15\$8\$3\$/);
  expect(one).not.toBe(other);
  expect(await isPassword(adminPassword, one)).toBe(true);
  expect(await isPassword(`${adminPassword}!`, one)).toBe(false);
  expect(await isPassword(adminPassword, null)).toBe(false);
});

test("who signs in, and when, is on record", async () => {
  const api = await anApi();
  await api.owner();
  const { acts } = (await api.call("GET", "/acts")).json<{ acts: { act: string; actor: object; subject: string }[] }>();
  expect(acts[0]).toMatchObject({ act: "sign in", subject: "owner", actor: { type: "console", name: "Owner" } });
});

test("a wrong bearer token is refused, also beside a session that holds", async () => {
  const api = await anApi();
  const { cookie } = (await api.owner()) as { cookie: string };
  const wrong = ["Bearer wrong", `Basic ${apiToken}`, `Bearer ${apiToken}x`, "Bearer "];
  for (const authorization of wrong) {
    const answered = await api.call("GET", "/leads", { as: { cookie }, headers: { authorization } });
    expect(answered.status).toBe(401);
  }
});
