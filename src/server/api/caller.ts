import type { Actor } from "../../ledger/ledger.ts";
import type { Permission, Role } from "./permissions.ts";

/** Someone who may sign in to the console. The built-in owner has no address: they hold the password or link of the machine. */
export type SignedInPerson = { id: string; name: string; email: string | null; role: Role };

/** Who makes a request, and what they may do. */
export type Caller = { permissions: ReadonlySet<Permission> } & (
  | { type: "person"; person: SignedInPerson; session: { hash: string } }
  /** `id`: null for the token of the environment, which no one can end. */
  | { type: "token"; name: string; id: string | null }
  | { type: "nobody" }
);

/** The caller as the record of acts names them. */
export function actorOf(caller: Caller): Actor {
  if (caller.type === "person") return { type: "console", name: caller.person.email ?? caller.person.name };
  return { type: "api", name: caller.type === "token" ? caller.name : "nobody" };
}
