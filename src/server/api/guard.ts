import type { OpenAPIHono } from "@hono/zod-openapi";
import { getCookie } from "hono/cookie";
import { createMiddleware } from "hono/factory";
import { matchedRoutes } from "hono/route";
import type { Gateway } from "../../gateway.ts";
import { isSame } from "../sign-in/secret.ts";
import { sessionCookie } from "../sign-in/sessions.ts";
import { tokenOf } from "../sign-in/tokens.ts";
import type { Caller } from "./caller.ts";
import { cookiePrefix } from "./connection.ts";
import type { Desk } from "./desk.ts";
import { environmentTokenPermissions, type Permission, permissions, permissionsOf } from "./permissions.ts";
import { Problem } from "./problem.ts";
import type { ApiEnv } from "./router.ts";

/** What a route asks for: nothing, being signed in, or a permission. */
type Asked = "nothing" | "sign-in" | Permission;

const nobody: Caller = { type: "nobody", permissions: new Set() };

/**
 * The one place where the API decides who may do what. What a route asks for is read from its own description, the same that the
 * OpenAPI document shows; a route that says nothing is answered to nobody.
 */
export function createGuard(gateway: Gateway, desk: Desk, described: OpenAPIHono<ApiEnv>, prefix: string) {
  let asked: ReadonlyMap<string, Asked> | null = null;

  return createMiddleware<ApiEnv>(async (c, next) => {
    asked ??= askedBy(described, prefix);
    const method = c.req.method === "HEAD" ? "GET" : c.req.method;
    const route = matchedRoutes(c).find(({ path }) => asked?.has(`${method} ${path}`));
    const wanted = route && asked.get(`${method} ${route.path}`);
    if (wanted === undefined) throw new Problem(404, "not_found", "There is nothing at this address.");

    const bearer = bearerIn(c.req.header("authorization"));
    const cookie = getCookie(c, sessionCookie, cookiePrefix(c, gateway.options));
    if (bearer === null && method !== "GET") refuseForeign(c.req.raw, cookie !== undefined, gateway.options.publicUrl);
    const caller = bearer === null ? await bySession(cookie) : await byToken(bearer);
    c.set("caller", caller);
    if (wanted !== "nothing") await permit(caller, wanted);
    await next();
  });

  async function permit(caller: Caller, wanted: Asked): Promise<void> {
    if (caller.type === "nobody") {
      const login = await desk.login();
      throw new Problem(401, "unauthorized", "Sign in first, or send a token that holds.", { login });
    }
    if (wanted === "sign-in" || (wanted !== "nothing" && caller.permissions.has(wanted))) return;
    gateway.log.warn(
      { permission: wanted, caller: caller.type },
      "a request to the API was refused for want of a permission",
    );
    throw new Problem(403, "forbidden", "You may not do this.", { detail: `It needs the permission ${wanted}.` });
  }

  async function byToken(secret: string): Promise<Caller> {
    const { apiToken } = gateway.options;
    if (apiToken !== null && isSame(secret, apiToken)) {
      return { type: "token", name: "LEADKEEP_API_TOKEN", id: null, permissions: new Set(environmentTokenPermissions) };
    }
    const token = await tokenOf(gateway.accounts, secret, Date.now());
    if (!token) return nobody;
    const scopes = permissions.filter((one) => token.scopes.includes(one));
    return { type: "token", name: token.name, id: token.id, permissions: new Set(scopes) };
  }

  async function bySession(cookie: string | undefined): Promise<Caller> {
    const found = cookie === undefined ? null : await desk.sessions.find(cookie);
    if (!found || (found.person === null && !desk.signIn.holds(found.proof))) return nobody;
    const person = found.person ?? builtInOwner;
    return { type: "person", person, session: { hash: found.hash }, permissions: new Set(permissionsOf[person.role]) };
  }
}

/** Who signs in by LEADKEEP_ADMIN_PASSWORD, or by a link from this machine's command line. */
const builtInOwner = { id: "owner", name: "Owner", email: null, role: "owner" } as const;

/** Every described route → what it asks for. Paths as Hono writes them. */
function askedBy({ openAPIRegistry }: OpenAPIHono<ApiEnv>, prefix: string): Map<string, Asked> {
  const asked = new Map<string, Asked>();
  for (const definition of openAPIRegistry.definitions) {
    if (definition.type !== "route") continue;
    const { method, path, security } = definition.route;
    if (!security) continue;
    const [first] = security;
    const [permission] = Object.values(first ?? {})[0] ?? [];
    const key = `${method.toUpperCase()} ${prefix}${path.replaceAll(/\{(\w+)\}/g, ":$1")}`;
    asked.set(key, first === undefined ? "nothing" : ((permission as Permission | undefined) ?? "sign-in"));
  }
  return asked;
}

/** The bearer token of an Authorization header; "" when it is of another scheme, which is no reason to fall back to the cookie. */
function bearerIn(header: string | undefined): string | null {
  if (header === undefined) return null;
  return /^Bearer +(\S+)$/i.exec(header)?.[1] ?? "";
}

/**
 * Refuses changes that another site's page makes in the name of who is signed in. Browsers tell by Sec-Fetch-Site, and where they do
 * not send it (plain http on a network address) by Origin; what has neither is no browser, and then has no business with a cookie.
 */
function refuseForeign(request: Request, hasCookie: boolean, publicUrl: string | null): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const url = new URL(request.url);
  const own =
    site === null
      ? origin === null
        ? !hasCookie
        : origin === (publicUrl && new URL(publicUrl).origin) || URL.parse(origin)?.host === url.host
      : site === "same-origin";
  if (!own) throw new Problem(403, "csrf", "This request came from another site's page.");
}
