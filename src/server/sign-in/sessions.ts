import type { Accounts, Session } from "../../ledger/accounts.ts";
import { hashOf, isSame, newSecret } from "./secret.ts";

export const sessionCookie = "leadkeep_session";

/** A session ends after this long without a request, and after `longestMs` in any case. */
const idleMs = 12 * 3_600_000;
export const longestMs = 7 * 86_400_000;
/** How much of the idle time has to be gone before a request renews it: a write for every request would be too many. */
const renewAfterMs = 5 * 60_000;

/** What a session of the built-in owner rests on when it began with a one-time link. */
export const byLink = "link";

export type SessionsOptions = {
  accounts: Accounts;
  sign(purpose: string, text: string): string;
  now(): number;
};

/**
 * Sessions behind a cookie: a random id and the gateway's signature on it. The ledger has the id's hash only, so neither a copy of the
 * ledger nor a guess lets anybody in.
 */
export function createSessions({ accounts, sign, now }: SessionsOptions) {
  /** The id in a cookie; null when the signature is not ours. */
  function idIn(cookie: string): string | null {
    const dot = cookie.indexOf(".");
    const id = cookie.slice(0, dot);
    return dot > 0 && isSame(cookie.slice(dot + 1), sign("session", id)) ? id : null;
  }

  return {
    /** Begins a session, always under a new id; resolves to the cookie's value. `person`: null for the built-in owner. */
    async begin(person: string | null, proof: string): Promise<string> {
      const id = newSecret();
      await accounts.addSession({ hash: hashOf(id), person, proof, now: now(), expiresAt: now() + idleMs });
      return `${id}.${sign("session", id)}`;
    },

    /** The session of a cookie, renewed; null when there is none any more. */
    async find(cookie: string): Promise<Session | null> {
      const id = idIn(cookie);
      const session = id === null ? null : await accounts.findSession(hashOf(id), now());
      if (!session) return null;
      const expiresAt = Math.min(now() + idleMs, session.createdAt + longestMs);
      if (expiresAt - session.expiresAt >= renewAfterMs) {
        await accounts.extendSession(session.hash, { now: now(), expiresAt });
      }
      return session;
    },

    /** Whether it still holds, without renewing it. */
    isAlive: async (hash: string): Promise<boolean> => (await accounts.findSession(hash, now())) !== null,

    end: (hash: string): Promise<void> => accounts.endSession(hash),
  };
}
export type Sessions = ReturnType<typeof createSessions>;
