import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import { deleteCookie, setCookie } from "hono/cookie";
import type { CookieOptions } from "hono/utils/cookie";
import type { Gateway } from "../../gateway.ts";
import { longestMs, sessionCookie } from "../sign-in/sessions.ts";
import type { SignInResult } from "../sign-in/sign-in.ts";
import { version } from "../version.ts";
import { addressKey, cookiePrefix } from "./connection.ts";
import type { Desk } from "./desk.ts";
import { open, signedIn } from "./permissions.ts";
import { Problem } from "./problem.ts";
import { type ApiEnv, answers, answersNothing, newRouter, takes } from "./router.ts";
import { linkSignIn, passwordSignIn, session } from "./session-schemas.ts";

const tags = ["Session"];

const signIn = createRoute({
  method: "post",
  path: "/session",
  summary: "Sign in with a password",
  tags,
  ...open,
  request: takes(passwordSignIn),
  responses: answersNothing("Signed in: the cookie is the session"),
});

const signInByLink = createRoute({
  method: "post",
  path: "/session/link",
  summary: "Sign in with a one-time link's token",
  tags,
  ...open,
  request: takes(linkSignIn),
  responses: answersNothing("Signed in: the cookie is the session"),
});

const signOut = createRoute({
  method: "delete",
  path: "/session",
  summary: "Sign out",
  tags,
  ...open,
  responses: answersNothing("The session is over"),
});

const show = createRoute({
  method: "get",
  path: "/session",
  summary: "Who is signed in, and what they may do",
  tags,
  ...signedIn,
  responses: answers(session, "The session"),
});

/** Signing in and out of the console. */
export function sessionRoutes(gateway: Gateway, desk: Desk) {
  const { ledger, options } = gateway;

  /** What came of a try becomes a new session, or a problem. */
  async function enter(c: Context<ApiEnv>, result: SignInResult): Promise<void> {
    if (result.type === "wait") {
      const headers = { "retry-after": String(result.seconds) };
      throw new Problem(429, "too_many", "Too many tries. Wait a moment, then try again.", { headers });
    }
    if (result.type === "refused") {
      gateway.log.warn({}, "a sign-in to the console was refused");
      throw new Problem(401, "sign_in_refused", "That is not right.", { login: await desk.login() });
    }
    const cookie = await desk.sessions.begin(result.person, result.proof);
    setCookie(c, sessionCookie, cookie, { ...cookieOptions(c), maxAge: longestMs / 1_000 });
    const person =
      result.person === null ? null : (await gateway.accounts.people()).find(({ id }) => id === result.person);
    await ledger.recordAct({
      at: Date.now(),
      actor: { type: "console", name: person?.email ?? "Owner" },
      act: "sign in",
      subject: person?.id ?? "owner",
    });
  }

  function cookieOptions(c: Context<ApiEnv>): CookieOptions {
    const prefix = cookiePrefix(c, options);
    const isSecure = prefix === "host";
    return {
      path: "/",
      httpOnly: true,
      sameSite: "Strict",
      secure: isSecure,
      ...(prefix && { prefix }),
    } as CookieOptions;
  }

  return newRouter()
    .openapi(signIn, async (c) => {
      const { email = null, password } = c.req.valid("json");
      await enter(c, await desk.signIn.byPassword(email, password, addressKey(c, gateway)));
      return c.body(null, 204);
    })
    .openapi(signInByLink, async (c) => {
      await enter(c, await desk.signIn.byLink(c.req.valid("json").token));
      return c.body(null, 204);
    })
    .openapi(signOut, async (c) => {
      const caller = c.get("caller");
      if (caller.type === "person") await desk.sessions.end(caller.session.hash);
      deleteCookie(c, sessionCookie, cookieOptions(c));
      return c.body(null, 204);
    })
    .openapi(show, async (c) => {
      const caller = c.get("caller");
      return c.json(
        {
          person: caller.type === "person" ? caller.person : null,
          permissions: [...caller.permissions],
          version: version(),
          public_url: options.publicUrl,
          login: await desk.login(),
        },
        200,
      );
    });
}
