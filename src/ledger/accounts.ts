/** What someone who signs in may do; see the API's permissions. */
export type AccountRole = "owner" | "operator" | "viewer";

/** Someone who may sign in to the console. Times are epoch milliseconds. */
export type Person = {
  id: string;
  /** Lower-cased; no two people have the same. */
  email: string;
  name: string;
  role: AccountRole;
  createdAt: number;
  lastSeenAt: number | null;
};

/** What may be changed of a person. A new role or password ends their sessions. */
export type PersonChange = Partial<Pick<Person, "email" | "name" | "role">> & { passwordHash?: string };

/**
 * A session as it is kept: under the hash of its id, so that a copy of the ledger lets nobody in. `person` is null for the
 * built-in owner; `proof` then says by what they signed in, so that a changed password ends it.
 */
export type Session = { hash: string; person: Person | null; proof: string; createdAt: number; expiresAt: number };

/** A token for scripts. Its secret is known to its holder only. */
export type ApiToken = {
  id: string;
  name: string;
  scopes: string[];
  createdAt: number;
  createdBy: string;
  lastUsedAt: number | null;
};

/**
 * The people, sessions and tokens of the console and the API. They live in the ledger and share its promises: what a method has
 * resolved is on disk.
 */
export interface Accounts {
  people(): Promise<Person[]>;
  /** Null when there is nobody with that address. */
  findByEmail(email: string): Promise<{ person: Person; passwordHash: string } | null>;
  /** False when somebody has that address already. */
  addPerson(person: Person, passwordHash: string): Promise<boolean>;
  /** Null when there is no such person; `taken` when somebody has that address already; `last_owner` when nobody else is owner. */
  changePerson(id: string, change: PersonChange, keepOwner: boolean): Promise<Person | "taken" | "last_owner" | null>;
  /** With `keepOwner` the last owner is not removed. */
  removePerson(id: string, keepOwner: boolean): Promise<"removed" | "last_owner" | "unknown">;

  addSession(session: {
    hash: string;
    person: string | null;
    proof: string;
    now: number;
    expiresAt: number;
  }): Promise<void>;
  /** Null when there is none, or it is over. */
  findSession(hash: string, now: number): Promise<Session | null>;
  /** Moves its end, and notes that the person was seen. */
  extendSession(hash: string, request: { now: number; expiresAt: number }): Promise<void>;
  endSession(hash: string): Promise<void>;

  /** A sign-in link that works once, until `expiresAt`. */
  addLink(link: { hash: string; expiresAt: number }): Promise<void>;
  /** True once for a link that is not over. */
  redeemLink(hash: string, now: number): Promise<boolean>;

  tokens(): Promise<ApiToken[]>;
  addToken(token: ApiToken, hash: string): Promise<void>;
  /** Null when there is none of that id. */
  findToken(id: string): Promise<{ token: ApiToken; hash: string } | null>;
  tokenUsed(id: string, now: number): Promise<void>;
  /** False when there was none. */
  removeToken(id: string): Promise<boolean>;
}
