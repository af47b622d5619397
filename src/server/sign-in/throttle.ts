import type { Together } from "../../ledger/together.ts";

/** Failures that cost no wait yet, and the longest wait of one key; each failure beyond doubles it. */
type Growth = { free: number; longestS: number };

/** How long after the first of them failures are forgotten. */
const memoryMs = 3_600_000;
/** Keys that are remembered; beyond it those with the fewest failures are forgotten first. */
const mostKeys = 500;

const byAddress: Growth = { free: 20, longestS: 900 };
const byAccount: Growth = { free: 5, longestS: 60 };

/**
 * Slows down whoever guesses: by address, and by account from whatever address. An account's waits stay short and the one-time link
 * has none, so that nobody can lock its owner out.
 */
export type SignInThrottle = {
  /** Seconds until another try is taken; 0: at once. */
  waitS(address: string, account: string): Promise<number>;
  failed(address: string, account: string): Promise<void>;
  /** The account's failures are forgotten, not the address's: one's own success buys no guesses at others. */
  succeeded(account: string): Promise<void>;
};

/** Failures of one key: how many, since when, and until when it waits. Times are epoch milliseconds by the store's clock. */
type Failures = { n: number; since: number; until: number };
type Known = Readonly<Record<string, Failures>>;

/** Remembered in the ledger: it holds for all machines together, and outlives a restart. */
export function createSignInThrottle(together: Pick<Together, "change">): SignInThrottle {
  function change<T>(decide: (known: Known, now: number) => { keys?: Known; answer: T }): Promise<T> {
    return together.change("sign_ins", "console", (note, { now }) => {
      const { keys, answer } = decide(note?.keys ?? {}, now);
      return keys === undefined ? { answer } : { note: { keys }, answer };
    });
  }

  return {
    waitS: (address, account) =>
      change((known, now) => {
        const until = Math.max(...keysOf(address, account).map((key) => known[key]?.until ?? 0));
        return { answer: Math.max(0, Math.ceil((until - now) / 1_000)) };
      }),
    failed: (address, account) =>
      change((known, now) => {
        const [addressKey, accountKey] = keysOf(address, account);
        const keys = {
          ...known,
          [addressKey]: oneMore(known[addressKey], byAddress, now),
          [accountKey]: oneMore(known[accountKey], byAccount, now),
        };
        return { keys: remembered(keys, now), answer: undefined };
      }),
    succeeded: (account) =>
      change((known) => {
        const [, accountKey] = keysOf("", account);
        if (!known[accountKey]) return { answer: undefined };
        const { [accountKey]: _, ...keys } = known;
        return { keys, answer: undefined };
      }),
  };
}

/** Both are hashes; a part of each tells them apart well enough. */
function keysOf(address: string, account: string): [address: string, account: string] {
  return [`a:${address.slice(0, 22)}`, `p:${account.slice(0, 22)}`];
}

/** Pure. */
function oneMore(known: Failures | undefined, { free, longestS }: Growth, now: number): Failures {
  const before = known && isOver(known, now) ? undefined : known;
  const n = (before?.n ?? 0) + 1;
  // 2^30 s is longer than any wait; beyond it the power would only grow.
  const waitS = n < free ? 0 : Math.min(2 ** Math.min(n - free, 30), longestS);
  return { n, since: before?.since ?? now, until: now + waitS * 1_000 };
}

function isOver({ since, until }: Failures, now: number): boolean {
  return now - since >= memoryMs && now >= until;
}

function remembered(keys: Known, now: number): Known {
  const alive = Object.entries(keys).filter(([, failures]) => !isOver(failures, now));
  if (alive.length <= mostKeys) return Object.fromEntries(alive);
  alive.sort(([, one], [, other]) => other.n - one.n || other.until - one.until);
  return Object.fromEntries(alive.slice(0, mostKeys));
}
