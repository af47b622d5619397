import { setTimeout as sleep } from "node:timers/promises";
import type { Pace } from "../../model/destination.ts";
import type { LeadId } from "../../model/id.ts";
import type { Options } from "./options.ts";

const fieldLifeMs = 3_600_000;
const memoryLifeMs = 3_600_000;
const mostRemembered = 10_000;

/** What this process knows of one configured account, so that it need not ask again and again. */
export type Account = {
  /** When it began to remember, epoch milliseconds. */
  since: number;
  /** Ids of persons by address or number, and of organisations by name: Pipedrive's search trails behind what was created. */
  persons: Memory<number>;
  organizations: Memory<number>;
  /** When a create of a person or an organisation began whose answer never came. */
  doubts: Memory<number>;
  /** The newest lead whose values were written to a person. */
  newest: Memory<LeadId>;
  /** Lists such as fields and pipelines, for an hour. */
  lists: Map<string, { value: unknown; at: number }>;
  /** Runs work with the same key one after the other. */
  inTurn<T>(key: string, work: () => Promise<T>): Promise<T>;
  /** Resolves when one more of its kind may go, so that no interval sees more than the limit. */
  turn(kind: string, pace: Pace, clock: { now(): number; signal: AbortSignal }): Promise<void>;
};

export type Memory<Value> = {
  get(key: string, now: number): Value | undefined;
  set(key: string, value: Value, now: number): void;
  forget(key: string): void;
  /** Lets go of every entry with this value. */
  forgetValue(value: Value): void;
};

const accounts = new WeakMap<Options, Account>();

/** The account of these options, as far as this process knows it. */
export function accountOf(options: Options, now: number): Account {
  const known = accounts.get(options);
  if (known) return known;
  const account = newAccount(now);
  accounts.set(options, account);
  return account;
}

/** True while a list read at `at` may still be used. */
export function isFresh(at: number, now: number): boolean {
  return now - at < fieldLifeMs;
}

function newAccount(since: number): Account {
  const turns = new Map<string, Promise<unknown>>();
  const taken = new Map<string, readonly number[]>();
  return {
    since,
    persons: newMemory(),
    organizations: newMemory(),
    doubts: newMemory(),
    newest: newMemory(),
    lists: new Map(),
    inTurn(key, work) {
      const turn = (turns.get(key) ?? Promise.resolve()).then(work, work);
      turns.set(key, turn);
      const done = (): void => {
        if (turns.get(key) === turn) turns.delete(key);
      };
      turn.then(done, done);
      return turn;
    },
    async turn(kind, { limit, intervalMs }, { now, signal }) {
      const before = taken.get(kind) ?? [];
      const at = Math.max(now(), (before.at(-limit) ?? Number.NEGATIVE_INFINITY) + intervalMs);
      taken.set(kind, [...before, at].slice(-limit));
      // A wait that is cut short is noticed by the request that follows.
      if (at > now()) await sleep(at - now(), undefined, { signal }).catch(() => {});
    },
  };
}

/** Holds the newest entries, each for an hour. */
function newMemory<Value>(): Memory<Value> {
  const entries = new Map<string, { value: Value; at: number }>();
  return {
    get(key, now) {
      const entry = entries.get(key);
      return entry && now - entry.at < memoryLifeMs ? entry.value : undefined;
    },
    set(key, value, now) {
      entries.delete(key);
      entries.set(key, { value, at: now });
      const [oldest] = entries.keys();
      if (entries.size > mostRemembered && oldest !== undefined) entries.delete(oldest);
    },
    forget: (key) => void entries.delete(key),
    forgetValue(value) {
      for (const [key, entry] of entries) if (entry.value === value) entries.delete(key);
    },
  };
}
