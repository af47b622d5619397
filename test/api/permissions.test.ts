import { expect, test } from "vitest";
import { type Permission, permissions, permissionsOf, type Role } from "../../src/server/api/permissions.ts";
import { type As, anApi, apiToken, type TestApi } from "../support/an-api.ts";

/** What the design says each route needs. A new route has to be added here, and so thought about. */
const needed: Record<string, Permission | "sign-in" | "nothing"> = {
  "POST /session": "nothing",
  "POST /session/link": "nothing",
  "DELETE /session": "nothing",
  "GET /session": "sign-in",
  "GET /overview": "read",
  "GET /alerts": "read",
  "POST /alerts/{id}/acknowledge": "operate",
  "GET /leads": "read",
  "GET /leads/export": "read_personal",
  "GET /leads/{id}": "read",
  "POST /leads/{id}/quarantine": "operate",
  "PATCH /leads/{id}": "operate",
  "POST /leads/{id}/consents": "operate",
  "POST /leads/release": "operate",
  "POST /leads/delete": "erase",
  "GET /dead-letters": "read",
  "POST /deliveries/replay": "operate",
  "POST /deliveries/cancel": "operate",
  "GET /destinations": "read",
  "GET /destinations/{id}": "read",
  "POST /destinations/{id}/pause": "operate",
  "POST /destinations/{id}/resume": "operate",
  "POST /destinations/{id}/check": "operate",
  "POST /destinations/{id}/test": "operate",
  "POST /destinations/{id}/resync": "operate",
  "GET /verifications": "read",
  "POST /verifications": "operate",
  "GET /verifications/{id}": "read",
  "GET /verifications/{id}/report": "read",
  "GET /forms": "read",
  "GET /forms/{id}/rhythm": "read",
  "GET /acts": "read",
  "GET /people": "manage",
  "POST /people": "manage",
  "PATCH /people/{id}": "manage",
  "DELETE /people/{id}": "manage",
  "GET /tokens": "manage",
  "POST /tokens": "manage",
  "DELETE /tokens/{id}": "manage",
  "GET /setup": "operate",
  "POST /setup/check": "operate",
  "POST /subjects/plan": "erase",
  "POST /subjects/export": "erase",
  "POST /subjects/erase": "erase",
  "POST /subjects/status": "erase",
  "GET /events": "read",
};

type Document = { paths: Record<string, Record<string, { security?: Record<string, string[]>[] }>> };

async function routesOf(api: TestApi): Promise<{ route: string; security: Record<string, string[]>[] | undefined }[]> {
  const { paths } = (await api.call("GET", "/openapi.json", { as: null })).json<Document>();
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => ({ route: `${method.toUpperCase()} ${path}`, security })),
  );
}

/** Whether the guard let the request through; what the handler then made of it does not matter. */
async function isLetIn(api: TestApi, route: string, as: As): Promise<boolean> {
  const [method = "", path = ""] = route.split(" ");
  // Answers without an end, or that end what the table is tried with, are asked in a way no handler takes.
  const id = path.startsWith("/destinations") ? "none" : "lead_00000000-0000-7000-8000-000000000000";
  const query = path === "/events" ? "" : "?_unknown=1";
  const controller = new AbortController();
  const response = await fetch(`${api.url}/api/v1${path.replace("{id}", id)}${query}`, {
    method,
    signal: controller.signal,
    headers: {
      ...(as === null
        ? {}
        : "token" in as
          ? { authorization: `Bearer ${as.token}` }
          : { cookie: as.cookie, origin: api.url }),
      ...(method === "GET" || method === "DELETE" ? {} : { "content-type": "application/json" }),
    },
    ...(method === "POST" || method === "PATCH" ? { body: '{"_unknown":1}' } : {}),
  });
  controller.abort();
  return response.status !== 401 && response.status !== 403;
}

test("every route says what it needs, and that is what the table says", async () => {
  const routes = await routesOf(await anApi());
  const said = routes.map(({ route, security }) => {
    if (security === undefined) return [route, undefined];
    const [first] = security;
    return [route, first === undefined ? "nothing" : (Object.values(first)[0]?.[0] ?? "sign-in")];
  });
  expect(Object.fromEntries(said)).toEqual(needed);
});

test("nobody gets anything but the way in", async () => {
  const api = await anApi();
  for (const [route, need] of Object.entries(needed)) {
    if (need === "nothing") continue;
    expect([route, await isLetIn(api, route, null)]).toEqual([route, false]);
  }
});

for (const role of ["viewer", "operator", "owner"] satisfies Role[]) {
  test(`a person who is ${role} may do what the role's permissions say, and nothing else`, async () => {
    const api = await anApi();
    const as = await api.signIn(role);
    for (const [route, need] of Object.entries(needed)) {
      if (need === "nothing") continue;
      const may = need === "sign-in" || permissionsOf[role].includes(need);
      expect([route, await isLetIn(api, route, as)]).toEqual([route, may]);
    }
  });
}

for (const scope of permissions) {
  test(`a token with the scope ${scope} may do only what needs it`, async () => {
    const api = await anApi();
    const made = await api.call("POST", "/tokens", { as: await api.owner(), body: { name: scope, scopes: [scope] } });
    const { secret } = made.json<{ secret: string }>();
    for (const [route, need] of Object.entries(needed)) {
      if (need === "nothing") continue;
      const may = need === "sign-in" || need === scope;
      expect([route, await isLetIn(api, route, { token: secret })]).toEqual([route, may]);
    }
  });
}

test("LEADKEEP_API_TOKEN may do everything but manage people and tokens", async () => {
  const api = await anApi();
  for (const [route, need] of Object.entries(needed)) {
    if (need === "nothing") continue;
    expect([route, await isLetIn(api, route, { token: apiToken })]).toEqual([route, need !== "manage"]);
  }
});
