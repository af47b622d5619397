import type { DatabaseSync } from "node:sqlite";
import { type PersonRow, personOf, type SessionRow, type TokenRow, tokenOf } from "../account-rows.ts";
import type { Accounts, Person, PersonChange, Session } from "../accounts.ts";

type Run = {
  write<T>(work: () => T): Promise<T>;
  read<T>(work: () => T): Promise<T>;
};

/** People, sessions, links and tokens, in tables beside the leads. */
export function prepareAccounts(db: DatabaseSync): (run: Run) => Accounts {
  const all = db.prepare("SELECT * FROM people ORDER BY name, id");
  const byEmail = db.prepare("SELECT * FROM people WHERE email = ?");
  const byId = db.prepare("SELECT * FROM people WHERE id = ?");
  const insert = db.prepare(
    "INSERT INTO people (id, email, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
  );
  const update = db.prepare("UPDATE people SET email = ?, name = ?, role = ?, password_hash = ? WHERE id = ?");
  const remove = db.prepare("DELETE FROM people WHERE id = ?");
  const otherOwners = db.prepare("SELECT COUNT(*) AS count FROM people WHERE role = 'owner' AND id <> ?");
  const seen = db.prepare("UPDATE people SET last_seen_at = ? WHERE id = (SELECT person FROM sessions WHERE hash = ?)");

  const insertSession = db.prepare(
    "INSERT INTO sessions (hash, person, proof, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
  );
  const session = db.prepare("SELECT * FROM sessions WHERE hash = ? AND expires_at > ?");
  const extend = db.prepare("UPDATE sessions SET expires_at = ? WHERE hash = ?");
  const endSession = db.prepare("DELETE FROM sessions WHERE hash = ?");
  const endAllOf = db.prepare("DELETE FROM sessions WHERE person = ?");
  const endOld = db.prepare("DELETE FROM sessions WHERE expires_at <= ?");

  const insertLink = db.prepare("INSERT INTO sign_in_links (hash, expires_at) VALUES (?, ?)");
  const takeLink = db.prepare("DELETE FROM sign_in_links WHERE hash = ? RETURNING expires_at");
  const dropOldLinks = db.prepare("DELETE FROM sign_in_links WHERE expires_at <= ?");

  const tokens = db.prepare("SELECT * FROM api_tokens ORDER BY created_at, id");
  const tokenById = db.prepare("SELECT * FROM api_tokens WHERE id = ?");
  const insertToken = db.prepare(
    "INSERT INTO api_tokens (id, name, scopes, hash, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const touchToken = db.prepare("UPDATE api_tokens SET last_used_at = ? WHERE id = ?");
  const removeToken = db.prepare("DELETE FROM api_tokens WHERE id = ?");

  function change(id: string, wanted: PersonChange, keepOwner: boolean): Person | "taken" | "last_owner" | null {
    const row = byId.get(id) as PersonRow | undefined;
    if (!row) return null;
    const next = { ...personOf(row), ...wanted };
    const other = byEmail.get(next.email) as PersonRow | undefined;
    if (other && other.id !== id) return "taken";
    if (row.role === "owner" && next.role !== "owner" && keepOwner && isLastOwner(id)) return "last_owner";
    update.run(next.email, next.name, next.role, wanted.passwordHash ?? row.password_hash, id);
    if (next.role !== row.role || wanted.passwordHash !== undefined) endAllOf.run(id);
    return personOf(byId.get(id) as PersonRow);
  }

  function isLastOwner(id: string): boolean {
    return otherOwners.get(id)?.count === 0;
  }

  function findSession(hash: string, now: number): Session | null {
    const row = session.get(hash, now) as SessionRow | undefined;
    if (!row) return null;
    const person = row.person === null ? null : (byId.get(row.person) as PersonRow | undefined);
    if (person === undefined) return null;
    return {
      hash,
      person: person && personOf(person),
      proof: row.proof,
      createdAt: row.created_at,
      expiresAt: row.expires_at,
    };
  }

  return ({ write, read }) => ({
    people: () => read(() => (all.all() as PersonRow[]).map(personOf)),
    findByEmail: (email) =>
      read(() => {
        const row = byEmail.get(email) as PersonRow | undefined;
        return row ? { person: personOf(row), passwordHash: row.password_hash } : null;
      }),
    addPerson: ({ id, email, name, role, createdAt }, passwordHash) =>
      write(() => insert.run(id, email, name, role, passwordHash, createdAt).changes === 1),
    changePerson: (id, wanted, keepOwner) => write(() => change(id, wanted, keepOwner)),
    removePerson: (id, keepOwner) =>
      write(() => {
        const row = byId.get(id) as PersonRow | undefined;
        if (!row) return "unknown";
        if (row.role === "owner" && keepOwner && isLastOwner(id)) return "last_owner";
        endAllOf.run(id);
        remove.run(id);
        return "removed";
      }),
    addSession: ({ hash, person, proof, now, expiresAt }) =>
      write(() => {
        endOld.run(now);
        insertSession.run(hash, person, proof, now, expiresAt);
        seen.run(now, hash);
      }),
    findSession: (hash, now) => read(() => findSession(hash, now)),
    extendSession: (hash, { now, expiresAt }) =>
      write(() => {
        extend.run(expiresAt, hash);
        seen.run(now, hash);
      }),
    endSession: (hash) => write(() => void endSession.run(hash)),
    addLink: ({ hash, expiresAt }) => write(() => void insertLink.run(hash, expiresAt)),
    redeemLink: (hash, now) =>
      write(() => {
        dropOldLinks.run(now);
        return takeLink.get(hash) !== undefined;
      }),
    tokens: () => read(() => (tokens.all() as TokenRow[]).map(tokenOf)),
    addToken: ({ id, name, scopes, createdAt, createdBy }, hash) =>
      write(() => void insertToken.run(id, name, JSON.stringify(scopes), hash, createdAt, createdBy)),
    findToken: (id) =>
      read(() => {
        const row = tokenById.get(id) as TokenRow | undefined;
        return row ? { token: tokenOf(row), hash: row.hash } : null;
      }),
    tokenUsed: (id, now) => write(() => void touchToken.run(now, id)),
    removeToken: (id) => write(() => removeToken.run(id).changes === 1),
  });
}
