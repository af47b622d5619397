import { expect, test } from "vitest";
import { type As, anApi, cookieOf, type TestApi } from "../support/an-api.ts";

type Person = { id: string; email: string; role: string };

async function add(api: TestApi, as: As, role: string, email = `${role}@example.com`): Promise<Person> {
  const body = { email, name: role, role, password: "a long enough password" };
  return (await api.call("POST", "/people", { as, body })).json<Person>();
}

test("a person signs in with address and password, whatever the case of the address", async () => {
  const api = await anApi();
  await add(api, await api.owner(), "operator", "Grace@Example.com");
  const body = { email: "GRACE@example.com", password: "a long enough password" };
  const answered = await api.call("POST", "/session", { as: null, body });
  const session = await api.call("GET", "/session", { as: { cookie: cookieOf(answered) } });
  expect(session.json()).toMatchObject({
    person: { email: "grace@example.com", role: "operator" },
    login: { email: true },
  });
});

test("no two people have the same address, and short passwords are refused", async () => {
  const api = await anApi();
  const as = await api.owner();
  await add(api, as, "viewer");
  const body = { email: "VIEWER@example.com", name: "B", role: "viewer", password: "a long enough password" };
  expect((await api.call("POST", "/people", { as, body })).json()).toMatchObject({ status: 409, code: "email_taken" });
  const short = { ...body, email: "b@example.com", password: "short" };
  expect((await api.call("POST", "/people", { as, body: short })).json()).toMatchObject({
    errors: [{ field: "password" }],
  });
});

test("a password that is tried first is refused, for a new person and as a new password", async () => {
  const api = await anApi();
  const as = await api.owner();
  const body = { email: "grace.hopper@example.com", name: "Grace", role: "viewer", password: "GraceHopper12" };
  const refused = await api.call("POST", "/people", { as, body });
  expect([refused.status, refused.json()]).toMatchObject([422, { errors: [{ field: "password" }] }]);
  const added = await api.call("POST", "/people", { as, body: { ...body, password: "a long enough password" } });
  const { id } = added.json<{ id: string }>();
  for (const password of ["Password2024", "grace.hopper.1"]) {
    expect((await api.call("PATCH", `/people/${id}`, { as, body: { password } })).status).toBe(422);
  }
  expect((await api.call("PATCH", `/people/${id}`, { as, body: { password: "another long password" } })).status).toBe(
    200,
  );
});

test("a new password or role ends a person's sessions; a new name does not", async () => {
  const api = await anApi();
  const owner = await api.owner();
  for (const [change, status] of [
    [{ name: "Grace" }, 200],
    [{ role: "operator" }, 401],
    [{ password: "another long password" }, 401],
  ] as const) {
    const as = await api.signIn("viewer");
    const { person } = (await api.call("GET", "/session", { as })).json<{ person: Person }>();
    await api.call("PATCH", `/people/${person.id}`, { as: owner, body: change });
    expect([change, (await api.call("GET", "/session", { as })).status]).toEqual([change, status]);
  }
});

test("who is removed is signed out at once, and cannot sign in again", async () => {
  const api = await anApi();
  const owner = await api.owner();
  const as = await api.signIn("operator");
  const { person } = (await api.call("GET", "/session", { as })).json<{ person: Person }>();
  expect((await api.call("DELETE", `/people/${person.id}`, { as: owner })).status).toBe(204);
  expect((await api.call("GET", "/leads", { as })).status).toBe(401);
  const body = { email: person.email, password: "a long enough password" };
  expect((await api.call("POST", "/session", { as: null, body })).status).toBe(401);
});

test("the last owner stays, unless LEADKEEP_ADMIN_PASSWORD leaves another way in", async () => {
  const first = await anApi();
  const { id } = await add(first, await first.owner(), "owner");
  const api = await anApi({ dataFolder: first.gateway.options.dataFolder, variables: { LEADKEEP_ADMIN_PASSWORD: "" } });
  const signedIn = await api.call("POST", "/session", {
    as: null,
    body: { email: "owner@example.com", password: "a long enough password" },
  });
  const as = { cookie: cookieOf(signedIn) };
  const demoted = await api.call("PATCH", `/people/${id}`, { as, body: { role: "viewer" } });
  const removed = await api.call("DELETE", `/people/${id}`, { as });
  expect([demoted, removed].map((answered) => answered.json().code)).toEqual(["last_owner", "last_owner"]);
  const { id: other } = await add(api, as, "owner", "second@example.com");
  expect((await api.call("DELETE", `/people/${other}`, { as })).status).toBe(204);
  expect((await first.call("DELETE", `/people/${id}`, { as: await first.owner() })).status).toBe(204);
});

test("a token's secret is shown once, kept as a hash, and ends when it is removed", async () => {
  const api = await anApi();
  const as = await api.owner();
  const made = await api.call("POST", "/tokens", { as, body: { name: "Report", scopes: ["read", "read"] } });
  const { id, secret, scopes } = made.json<{ id: string; secret: string; scopes: string[] }>();
  expect(secret).toMatch(/^lk_[0-9a-f-]{36}_[\w-]{43}$/);
  expect(scopes).toEqual(["read"]);
  expect((await api.call("GET", "/leads", { as: { token: secret } })).status).toBe(200);
  const listed = await api.call("GET", "/tokens", { as });
  expect(listed.text).not.toContain(secret.slice(-43));
  expect(listed.json<object[]>()).toMatchObject([
    { id, name: "Report", created_by: "Owner", last_used_at: expect.any(String) },
  ]);
  expect(JSON.stringify(await api.gateway.accounts.findToken(id))).not.toContain(secret.slice(-43));
  expect((await api.call("DELETE", `/tokens/${id}`, { as })).status).toBe(204);
  expect((await api.call("GET", "/leads", { as: { token: secret } })).status).toBe(401);
});

test("a token with another's id, or with one letter changed, is refused", async () => {
  const api = await anApi();
  const as = await api.owner();
  const make = async (): Promise<string> =>
    (await api.call("POST", "/tokens", { as, body: { name: "t", scopes: ["read"] } })).json<{ secret: string }>()
      .secret;
  const [one, other] = [await make(), await make()];
  const swapped = one.slice(0, 40) + other.slice(40);
  const changed = `${one.slice(0, -1)}${one.endsWith("A") ? "B" : "A"}`;
  for (const token of [swapped, changed]) expect((await api.call("GET", "/leads", { as: { token } })).status).toBe(401);
});

test("a token acts under its own name in the record", async () => {
  const api = await anApi({ variables: { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook" } });
  const as = await api.owner();
  const made = await api.call("POST", "/tokens", { as, body: { name: "Nightly job", scopes: ["read", "operate"] } });
  const { secret } = made.json<{ secret: string }>();
  await api.call("POST", "/destinations/webhook/pause", { as: { token: secret } });
  const { acts } = (await api.call("GET", "/acts", { as })).json<{ acts: { act: string; actor: object }[] }>();
  expect(acts[0]).toMatchObject({ act: "pause", actor: { type: "api", name: "Nightly job" } });
});

test("acts are listed newest first, page by page", async () => {
  const api = await anApi({ variables: { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook" } });
  for (let n = 0; n < 3; n++) {
    await api.call("POST", "/destinations/webhook/pause");
    await api.call("POST", "/destinations/webhook/resume");
  }
  type Page = { acts: { n: number; act: string }[]; next: number | null };
  const one = (await api.call("GET", "/acts?size=4")).json<Page>();
  const two = (await api.call("GET", `/acts?size=4&before=${one.next}`)).json<Page>();
  expect([...one.acts, ...two.acts].map(({ act }) => act)).toEqual([
    "resume",
    "pause",
    "resume",
    "pause",
    "resume",
    "pause",
  ]);
  expect(two.next).toBeNull();
});
