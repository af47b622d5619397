import { z } from "@hono/zod-openapi";
import { line, time } from "./fields.ts";
import { permission, role } from "./permissions.ts";

const email = z.email("is not an address").max(254);
const id = z.string().regex(/^[a-z]+_[0-9a-f-]{36}$/, "is not an id of this list");

/** Long enough that guessing is hopeless, short enough that hashing it is cheap. */
const newPassword = z.string().min(12, "needs at least 12 characters").max(200);

export const passwordSignIn = z.strictObject({ email: email.optional(), password: z.string().min(1).max(200) });
export const linkSignIn = z.strictObject({ token: z.string().min(1).max(200) });

export const session = z
  .object({
    person: z.object({ id: z.string(), name: z.string(), email: z.string().nullable(), role }).nullable(),
    permissions: z.array(permission),
    version: z.string(),
    public_url: z.string().nullable(),
    /** How one may sign in: by the one password of LEADKEEP_ADMIN_PASSWORD, by e-mail and password. */
    login: z.object({ password: z.boolean(), email: z.boolean() }),
  })
  .openapi("Session");

export const person = z
  .object({
    id: z.string(),
    email: z.string(),
    name: z.string(),
    role,
    created_at: time,
    last_seen_at: time.nullable(),
  })
  .openapi("Person");

export const newPerson = z.strictObject({ email, name: line(200), role, password: newPassword });
export const personChange = z.strictObject({
  email: email.optional(),
  name: line(200).optional(),
  role: role.optional(),
  password: newPassword.optional(),
});
export const personParams = z.strictObject({ id });

export const token = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(permission),
    created_at: time,
    created_by: z.string(),
    last_used_at: time.nullable(),
  })
  .openapi("Token");

export const newToken = z.strictObject({ name: line(100), scopes: z.array(permission).min(1).max(5) });
export const tokenParams = z.strictObject({ id });
