import { randomUUID } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import type { Gateway } from "../../gateway.ts";
import type { ApiToken, Person, PersonChange } from "../../ledger/accounts.ts";
import { hashPassword } from "../sign-in/password.ts";
import { makeToken } from "../sign-in/tokens.ts";
import { weaknessOf } from "../sign-in/weak-password.ts";
import { actorOf, type Caller } from "./caller.ts";
import { iso, isoOrNull } from "./fields.ts";
import { needs, permissions } from "./permissions.ts";
import { conflict, notFound, Problem } from "./problem.ts";
import { answers, answersNothing, newRouter, takes } from "./router.ts";
import { newPerson, newToken, person, personChange, personParams, token, tokenParams } from "./session-schemas.ts";

const manage = needs("manage");

const people = createRoute({
  method: "get",
  path: "/people",
  summary: "Who may sign in",
  tags: ["People"],
  ...manage,
  responses: answers(z.array(person), "The people"),
});

const addPerson = createRoute({
  method: "post",
  path: "/people",
  summary: "Let someone sign in",
  tags: ["People"],
  ...manage,
  request: takes(newPerson),
  responses: answers(person, "The person"),
});

const changePerson = createRoute({
  method: "patch",
  path: "/people/{id}",
  summary: "Change a person's name, address, role or password; the latter two end their sessions",
  tags: ["People"],
  ...manage,
  request: { params: personParams, ...takes(personChange) },
  responses: answers(person, "The person"),
});

const removePerson = createRoute({
  method: "delete",
  path: "/people/{id}",
  summary: "Let someone sign in no more",
  tags: ["People"],
  ...manage,
  request: { params: personParams },
  responses: answersNothing("Removed; their sessions are over"),
});

const tokens = createRoute({
  method: "get",
  path: "/tokens",
  summary: "The API tokens",
  tags: ["Tokens"],
  ...manage,
  responses: answers(z.array(token), "The tokens, without their secrets"),
});

const addToken = createRoute({
  method: "post",
  path: "/tokens",
  summary: "Make an API token",
  tags: ["Tokens"],
  ...manage,
  request: takes(newToken),
  responses: answers(token.extend({ secret: z.string() }), "The token. `secret` is shown this once only"),
});

const removeToken = createRoute({
  method: "delete",
  path: "/tokens/{id}",
  summary: "End an API token",
  tags: ["Tokens"],
  ...manage,
  request: { params: tokenParams },
  responses: answersNothing("It is refused from now on"),
});

/** People who may sign in, and tokens for scripts. */
export function peopleRoutes({ accounts, ledger, options }: Gateway) {
  /** Without the built-in owner's password, one of the people has to stay owner. */
  const keepOwner = options.adminPassword === null;

  async function record(caller: Caller, act: string, subject: string): Promise<void> {
    await ledger.recordAct({ at: Date.now(), actor: actorOf(caller), act, subject });
  }

  return newRouter()
    .openapi(people, async (c) => c.json((await accounts.people()).map(personJson), 200))
    .openapi(addPerson, async (c) => {
      const { email, name, role, password } = c.req.valid("json");
      refuseWeak(password, [email, name]);
      const id = `person_${randomUUID()}`;
      const added = { id, email: email.toLowerCase(), name, role, createdAt: Date.now(), lastSeenAt: null };
      if (!(await accounts.addPerson(added, await hashPassword(password)))) throw taken();
      await record(c.get("caller"), `add person: ${role}`, id);
      return c.json(personJson(added), 200);
    })
    .openapi(changePerson, async (c) => {
      const { id } = c.req.valid("param");
      const { password, email, name, role } = c.req.valid("json");
      if (password !== undefined) {
        const known = (await accounts.people()).find((one) => one.id === id);
        refuseWeak(password, [email ?? known?.email ?? "", name ?? known?.name ?? ""]);
      }
      const wanted: PersonChange = {
        ...(email === undefined ? {} : { email: email.toLowerCase() }),
        ...(name === undefined ? {} : { name }),
        ...(role === undefined ? {} : { role }),
        ...(password === undefined ? {} : { passwordHash: await hashPassword(password) }),
      };
      const changed = await accounts.changePerson(id, wanted, keepOwner);
      if (changed === null) throw notFound("person");
      if (changed === "taken") throw taken();
      if (changed === "last_owner") throw lastOwner();
      await record(c.get("caller"), `change person: ${Object.keys(c.req.valid("json")).join(", ")}`, id);
      return c.json(personJson(changed), 200);
    })
    .openapi(removePerson, async (c) => {
      const { id } = c.req.valid("param");
      const removed = await accounts.removePerson(id, keepOwner);
      if (removed === "unknown") throw notFound("person");
      if (removed === "last_owner") throw lastOwner();
      await record(c.get("caller"), "remove person", id);
      return c.body(null, 204);
    })
    .openapi(tokens, async (c) => c.json((await accounts.tokens()).map(tokenJson), 200))
    .openapi(addToken, async (c) => {
      const { name, scopes } = c.req.valid("json");
      const caller = c.get("caller");
      if (!scopes.every((scope) => caller.permissions.has(scope))) {
        throw new Problem(403, "forbidden", "A token may not do more than who makes it.");
      }
      const wanted = { name, scopes: [...new Set(scopes)], createdBy: actorOf(caller).name, now: Date.now() };
      const { token, secret } = await makeToken(accounts, wanted);
      await record(caller, `make token: ${token.scopes.join(", ")}`, token.id);
      return c.json({ ...tokenJson(token), secret }, 200);
    })
    .openapi(removeToken, async (c) => {
      const { id } = c.req.valid("param");
      if (!(await accounts.removeToken(id))) throw notFound("token");
      await record(c.get("caller"), "end token", id);
      return c.body(null, 204);
    });
}

function personJson({ id, email, name, role, createdAt, lastSeenAt }: Person): z.infer<typeof person> {
  return { id, email, name, role, created_at: iso(createdAt), last_seen_at: isoOrNull(lastSeenAt) };
}

function tokenJson({ id, name, scopes, createdAt, createdBy, lastUsedAt }: ApiToken): z.infer<typeof token> {
  return {
    id,
    name,
    scopes: permissions.filter((one) => scopes.includes(one)),
    created_at: iso(createdAt),
    created_by: createdBy,
    last_used_at: isoOrNull(lastUsedAt),
  };
}

function refuseWeak(password: string, about: readonly string[]): void {
  const message = weaknessOf(password, about);
  if (message === null) return;
  throw new Problem(422, "invalid", "The request cannot be used as it is.", {
    errors: [{ field: "password", message }],
  });
}

function taken(): Problem {
  return conflict("email_taken", "Somebody has this address already.");
}

function lastOwner(): Problem {
  const detail = "Make somebody else an owner first, or set LEADKEEP_ADMIN_PASSWORD.";
  return conflict("last_owner", "Nobody would be owner any more.", detail);
}
