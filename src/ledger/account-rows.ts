import type { AccountRole, ApiToken, Person } from "./accounts.ts";

/** The rows of people, sessions and tokens, the same in every store, and the one place where they become the model's words. */

export type PersonRow = {
  id: string;
  email: string;
  name: string;
  role: AccountRole;
  password_hash: string;
  created_at: number;
  last_seen_at: number | null;
};
export type SessionRow = { person: string | null; proof: string; created_at: number; expires_at: number };
export type TokenRow = {
  id: string;
  name: string;
  scopes: string;
  hash: string;
  created_at: number;
  created_by: string;
  last_used_at: number | null;
};

export function personOf({ id, email, name, role, created_at, last_seen_at }: PersonRow): Person {
  return { id, email, name, role, createdAt: created_at, lastSeenAt: last_seen_at };
}

export function tokenOf({ id, name, scopes, created_at, created_by, last_used_at }: TokenRow): ApiToken {
  const listed = JSON.parse(scopes) as string[];
  return { id, name, scopes: listed, createdAt: created_at, createdBy: created_by, lastUsedAt: last_used_at };
}
