import { type PersonRow, personOf, type SessionRow, type TokenRow, tokenOf } from "../account-rows.ts";
import type { Accounts, Person, PersonChange, Session } from "../accounts.ts";
import type { Database, Transaction } from "./database.ts";

/** People, sessions, links and tokens, in tables beside the leads. */
export function createAccounts({ write, read }: Database): Accounts {
  return {
    people: () =>
      read(async (tx) =>
        (await tx.query<PersonRow>('SELECT * FROM people ORDER BY name COLLATE "C", id')).map(personOf),
      ),
    findByEmail: (email) =>
      read(async (tx) => {
        const [row] = await tx.query<PersonRow>("SELECT * FROM people WHERE email = $1", [email]);
        return row ? { person: personOf(row), passwordHash: row.password_hash } : null;
      }),
    addPerson: ({ id, email, name, role, createdAt }, passwordHash) =>
      write(async (tx) => {
        const added = await tx.change(
          `INSERT INTO people (id, email, name, role, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6)
           ON CONFLICT (email) DO NOTHING`,
          [id, email, name, role, passwordHash, createdAt],
        );
        return added === 1;
      }),
    changePerson: (id, wanted, keepOwner) => write((tx) => changePerson(tx, id, wanted, keepOwner)),
    removePerson: (id, keepOwner) =>
      write(async (tx) => {
        const people = await lockPeople(tx);
        const row = people.find((person) => person.id === id);
        if (!row) return "unknown";
        if (keepOwner && isLastOwner(people, row)) return "last_owner";
        await tx.query("DELETE FROM sessions WHERE person = $1", [id]);
        await tx.query("DELETE FROM people WHERE id = $1", [id]);
        return "removed";
      }),

    addSession: ({ hash, person, proof, now, expiresAt }) =>
      write(async (tx) => {
        await tx.query("DELETE FROM sessions WHERE expires_at <= $1", [now]);
        await tx.query(
          "INSERT INTO sessions (hash, person, proof, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
          [hash, person, proof, now, expiresAt],
        );
        await seen(tx, hash, now);
      }),
    findSession: (hash, now) => read((tx) => findSession(tx, hash, now)),
    extendSession: (hash, { now, expiresAt }) =>
      write(async (tx) => {
        await tx.query("UPDATE sessions SET expires_at = $1 WHERE hash = $2", [expiresAt, hash]);
        await seen(tx, hash, now);
      }),
    endSession: (hash) => write(async (tx) => void (await tx.query("DELETE FROM sessions WHERE hash = $1", [hash]))),

    addLink: ({ hash, expiresAt }) =>
      write(
        async (tx) =>
          void (await tx.query("INSERT INTO sign_in_links (hash, expires_at) VALUES ($1, $2)", [hash, expiresAt])),
      ),
    redeemLink: (hash, now) =>
      write(async (tx) => {
        await tx.query("DELETE FROM sign_in_links WHERE expires_at <= $1", [now]);
        return (await tx.change("DELETE FROM sign_in_links WHERE hash = $1", [hash])) === 1;
      }),

    tokens: () =>
      read(async (tx) => (await tx.query<TokenRow>("SELECT * FROM api_tokens ORDER BY created_at, id")).map(tokenOf)),
    addToken: ({ id, name, scopes, createdAt, createdBy }, hash) =>
      write(
        async (tx) =>
          void (await tx.query(
            "INSERT INTO api_tokens (id, name, scopes, hash, created_at, created_by) VALUES ($1, $2, $3, $4, $5, $6)",
            [id, name, JSON.stringify(scopes), hash, createdAt, createdBy],
          )),
      ),
    findToken: (id) =>
      read(async (tx) => {
        const [row] = await tx.query<TokenRow>("SELECT * FROM api_tokens WHERE id = $1", [id]);
        return row ? { token: tokenOf(row), hash: row.hash } : null;
      }),
    tokenUsed: (id, now) =>
      write(async (tx) => void (await tx.query("UPDATE api_tokens SET last_used_at = $1 WHERE id = $2", [now, id]))),
    removeToken: (id) => write(async (tx) => (await tx.change("DELETE FROM api_tokens WHERE id = $1", [id])) === 1),
  };
}

async function changePerson(
  tx: Transaction,
  id: string,
  wanted: PersonChange,
  keepOwner: boolean,
): Promise<Person | "taken" | "last_owner" | null> {
  const people = await lockPeople(tx);
  const row = people.find((person) => person.id === id);
  if (!row) return null;
  const { passwordHash, ...changes } = wanted;
  const next = { ...personOf(row), ...changes };
  if (people.some((other) => other.email === next.email && other.id !== id)) return "taken";
  if (next.role !== "owner" && keepOwner && isLastOwner(people, row)) return "last_owner";
  await tx.query("UPDATE people SET email = $1, name = $2, role = $3, password_hash = $4 WHERE id = $5", [
    next.email,
    next.name,
    next.role,
    passwordHash ?? row.password_hash,
    id,
  ]);
  if (next.role !== row.role || passwordHash !== undefined) {
    await tx.query("DELETE FROM sessions WHERE person = $1", [id]);
  }
  return next;
}

/** All of them: two owners who remove each other at the same moment must not both succeed. */
function lockPeople(tx: Transaction): Promise<PersonRow[]> {
  return tx.query<PersonRow>("SELECT * FROM people ORDER BY id FOR UPDATE");
}

function isLastOwner(people: readonly PersonRow[], { id, role }: PersonRow): boolean {
  return role === "owner" && !people.some((other) => other.role === "owner" && other.id !== id);
}

async function findSession(tx: Transaction, hash: string, now: number): Promise<Session | null> {
  const [row] = await tx.query<SessionRow>("SELECT * FROM sessions WHERE hash = $1 AND expires_at > $2", [hash, now]);
  if (!row) return null;
  const [person] =
    row.person === null ? [null] : await tx.query<PersonRow>("SELECT * FROM people WHERE id = $1", [row.person]);
  if (person === undefined) return null;
  return {
    hash,
    person: person && personOf(person),
    proof: row.proof,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
  };
}

async function seen(tx: Transaction, hash: string, now: number): Promise<void> {
  await tx.query("UPDATE people SET last_seen_at = $1 WHERE id = (SELECT person FROM sessions WHERE hash = $2)", [
    now,
    hash,
  ]);
}
