import { RateLimiterMemory } from "rate-limiter-flexible";

/** Failures that cost no wait yet, and the longest wait of one key; each failure beyond doubles it. */
type Growth = { free: number; longestS: number };

/** How long after the first of them failures are forgotten. */
const memoryS = 3_600;

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

export function createSignInThrottle(
  byAddress: Growth = { free: 20, longestS: 900 },
  byAccount: Growth = { free: 5, longestS: 60 },
): SignInThrottle {
  const addresses = growing(byAddress);
  const accounts = growing(byAccount);
  return {
    waitS: async (address, account) => Math.max(await addresses.waitS(address), await accounts.waitS(account)),
    failed: async (address, account) => {
      await addresses.failed(address);
      await accounts.failed(account);
    },
    succeeded: (account) => accounts.forget(account),
  };
}

function growing({ free, longestS }: Growth) {
  const failures = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: memoryS });
  const waits = new RateLimiterMemory({ points: 1, duration: longestS });
  return {
    async waitS(key: string): Promise<number> {
      const wait = await waits.get(key);
      return wait === null ? 0 : Math.ceil(wait.msBeforeNext / 1_000);
    },
    async failed(key: string): Promise<void> {
      const { consumedPoints } = await failures.penalty(key, 1);
      // 2^30 s is longer than any wait; beyond it the power would only grow.
      if (consumedPoints >= free) await waits.block(key, Math.min(2 ** Math.min(consumedPoints - free, 30), longestS));
    },
    async forget(key: string): Promise<void> {
      await Promise.all([failures.delete(key), waits.delete(key)]);
    },
  };
}
