import { createHook } from "node:async_hooks";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createTogether, type NoteRow } from "../../src/ledger/together.ts";
import { isPassword } from "../../src/server/sign-in/password.ts";
import { hashOf, isSame } from "../../src/server/sign-in/secret.ts";
import { createSignIn } from "../../src/server/sign-in/sign-in.ts";
import { createSignInThrottle } from "../../src/server/sign-in/throttle.ts";
import { adminPassword, anApi, apiToken, type TestApi } from "../support/an-api.ts";

function guess({ call }: TestApi, password: string, headers: Record<string, string> = {}): Promise<number> {
  return call("POST", "/session", { as: null, body: { password }, headers }).then(({ status }) => status);
}

test("brute force over several machines is slowed down as one, and a restart forgets nothing", async () => {
  const first = await anApi();
  const { dataFolder } = first.gateway.options;
  const second = await anApi({ dataFolder });
  const statuses: number[] = [];
  for (let n = 0; n < 8; n++) statuses.push(await guess(n % 2 === 0 ? first : second, `wrong ${n}`));
  expect(statuses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
  expect(statuses.slice(5)).toContain(429);
  const third = await anApi({ dataFolder });
  for (let n = 0; n < 3; n++) await guess(first, `more ${n}`);
  expect(await guess(third, adminPassword)).toBe(429);
});

test("brute force from many addresses, which are only claimed, comes up against the account's own wait", async () => {
  const api = await anApi({ variables: { TRUST_PROXY: "1" } });
  const statuses: number[] = [];
  for (let n = 0; n < 8; n++) statuses.push(await guess(api, `wrong ${n}`, { "x-forwarded-for": `203.0.113.${n}` }));
  expect(statuses).toContain(429);
});

/** A throttle over notes in memory, by a clock that can be set. */
function aThrottle() {
  const clock = { now: Date.UTC(2026, 10, 24) };
  const rows = new Map<string, NoteRow>();
  const together = createTogether("one", async (name, decide) => {
    const row = rows.get(name) ?? null;
    const { note, answer } = decide(row, clock.now);
    if (note !== null) rows.set(name, { note, version: (row?.version ?? 0) + 1, changedAt: clock.now });
    return answer;
  });
  return { clock, rows, throttle: createSignInThrottle(together) };
}

test("brute force with thousands of made-up accounts pushes no account that is under attack out of memory", async () => {
  const { rows, throttle } = aThrottle();
  for (let n = 0; n < 12; n++) await throttle.failed("attacker", "owner");
  for (let n = 0; n < 400; n++) await throttle.failed(`address ${n}`, `account ${n}`);
  expect(await throttle.waitS("elsewhere", "owner")).toBe(60);
  const [row] = rows.values();
  expect(Object.keys((JSON.parse(row?.note ?? "") as { keys: object }).keys).length).toBe(500);
});

test("brute force by a crowd at once: what would wait behind fifty is turned away, and costs no hash", async () => {
  const { promise: turn, resolve: begin } = Promise.withResolvers<void>();
  const throttle = { waitS: () => turn.then(() => 1), failed: async () => {}, succeeded: async () => {} };
  const accounts = { findByEmail: async () => null, redeemLink: async () => false } as never;
  const signIn = createSignIn({ accounts, adminPassword: "x", sign: (_, text) => text, throttle, now: Date.now });
  let answered = 0;
  const tries = Array.from({ length: 60 }, async () => {
    const result = await signIn.byPassword(null, "wrong", "address");
    answered += 1;
    return result;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(10);
  begin();
  expect(new Set((await Promise.all(tries)).map(({ type }) => type))).toEqual(new Set(["wait"]));
});

test("what was guessed wrong is forgotten an hour after it began, once no wait is left", async () => {
  const { clock, throttle } = aThrottle();
  for (let n = 0; n < 6; n++) await throttle.failed("address", "account");
  expect(await throttle.waitS("elsewhere", "account")).toBeGreaterThan(0);
  clock.now += 3_600_001;
  await throttle.failed("address", "account");
  expect(await throttle.waitS("elsewhere", "account")).toBe(0);
});

test("timing: secrets are compared by their hashes in constant time, whatever their length", () => {
  expect([isSame("a", "a"), isSame("a", "b"), isSame("a", "ab"), isSame("", "")]).toEqual([true, false, false, true]);
  expect(hashOf("a")).toHaveLength(64);
});

test("timing: an unknown address costs the same hash as a wrong password", async () => {
  let hashes = 0;
  function init(_: number, type: string): void {
    if (type === "SCRYPTREQUEST") hashes += 1;
  }
  const hook = createHook({ init }).enable();
  try {
    expect(await isPassword("wrong", null)).toBe(false);
  } finally {
    hook.disable();
  }
  expect(hashes).toBe(1);
});

/** A comparison by which time could tell how much of a secret was right. */
const compared =
  /\b\w*(?:token|secret|signature|password|proof|hash|mac|stamp)\b\s*[!=]==?\s*(?!null\b|undefined\b|"|\d|typeof)[\w.(]+/gi;
/** Comparisons in which nothing is guessed: both sides are ours, or known to whoever asks. */
const harmless = [/fingerprint/i, /=== byLink$/];

test("timing: nowhere where secrets are checked are they compared with ===", () => {
  const source = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) =>
    /^(?:server|privacy\/person-links|intake\/screens|destinations\/shared\/sign)(?!.*\.test\.).*\.ts$/.test(name),
  );
  const found = files.flatMap((name) =>
    [...readFileSync(`${source}/${name}`, "utf8").matchAll(compared)].map(([text]) => `${name}: ${text}`),
  );
  expect(found.filter((one) => !harmless.some((known) => known.test(one)))).toEqual([]);
  // Who checks one does it by these.
  for (const name of ["server/sign-in/secret.ts", "server/sign-in/password.ts", "privacy/person-links.ts"]) {
    expect(readFileSync(`${source}/${name}`, "utf8")).toContain("timingSafeEqual(");
  }
  for (const name of [
    "server/sign-in/sessions.ts",
    "server/sign-in/tokens.ts",
    "server/api/guard.ts",
    "server/drain.ts",
    "server/metrics-route.ts",
  ]) {
    expect(readFileSync(`${source}/${name}`, "utf8")).toContain("isSame(");
  }
});

test("who tries what they may not do is noticed in the log, without a name or an address", async () => {
  const said: [object, string][] = [];
  const log = { info() {}, error() {}, warn: (fields: object, message: string) => void said.push([fields, message]) };
  const api = await anApi({ log });
  await api.call("GET", "/people", { as: await api.signIn("viewer") });
  await guess(api, "wrong");
  expect(said).toContainEqual([
    { permission: "manage", caller: "person" },
    "a request to the API was refused for want of a permission",
  ]);
  expect(said).toContainEqual([{}, "a sign-in to the console was refused"]);
  expect(JSON.stringify(said)).not.toContain("@");
});

test("a token is found by its id, and checked by its hash: neither half alone is any use", async () => {
  const api = await anApi();
  const made = await api.call("POST", "/tokens", { as: await api.owner(), body: { name: "x", scopes: ["read"] } });
  const { secret } = made.json<{ secret: string }>();
  const [, head = "", id = "", tail = ""] = /^(lk)_([^_]+)_(.+)$/.exec(secret) ?? [];
  const wrong = [
    `${head}_${id}_${"A".repeat(tail.length)}`,
    `${head}_${id}_`,
    `${head}_${crypto.randomUUID()}_${tail}`,
    tail,
  ];
  for (const token of [...wrong, apiToken.slice(0, -1), `${apiToken} `, ""]) {
    expect([
      token,
      (await api.call("GET", "/leads", { as: null, headers: { authorization: `Bearer ${token}` } })).status,
    ]).toEqual([token, token === `${apiToken} ` ? 200 : 401]);
  }
  expect(tail).toHaveLength(43);
  expect((await api.call("GET", "/leads", { as: { token: secret } })).status).toBe(200);
});
