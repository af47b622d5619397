import type { Accounts } from "../../ledger/accounts.ts";
import { isPassword } from "./password.ts";
import { hashOf, isSame } from "./secret.ts";
import { byLink } from "./sessions.ts";
import type { SignInThrottle } from "./throttle.ts";

export type SignInOptions = {
  accounts: Accounts;
  /** `LEADKEEP_ADMIN_PASSWORD`, the built-in owner's; null: there is none. */
  adminPassword: string | null;
  sign(purpose: string, text: string): string;
  throttle: SignInThrottle;
  now(): number;
};

/** Who has signed in: a person's id, or null for the built-in owner; `proof` is what the session rests on. */
export type SignInResult =
  | { type: "signed_in"; person: string | null; proof: string }
  | { type: "refused" }
  | { type: "wait"; seconds: number };

/** Tries that may wait for their turn. */
const longestQueue = 50;

/**
 * Signing in by password or by link. Passwords are tried one after the other: so nobody gets past the throttle by asking many times
 * at once, and hashing takes the memory of one hash.
 */
export function createSignIn({ accounts, adminPassword, sign, throttle, now }: SignInOptions) {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    waiting += 1;
    const turn = last.then(work).finally(() => {
      waiting -= 1;
    });
    last = turn.catch(() => {});
    return turn;
  }

  /** Proves that the built-in owner's password is still the one they signed in with. */
  const adminProof = adminPassword === null ? null : sign("admin password", adminPassword);

  async function tryPassword(email: string | null, password: string): Promise<SignInResult> {
    if (email === null) {
      const right = adminPassword !== null && isSame(password, adminPassword);
      return right ? { type: "signed_in", person: null, proof: adminProof ?? "" } : { type: "refused" };
    }
    const found = await accounts.findByEmail(email);
    const right = await isPassword(password, found?.passwordHash ?? null);
    return right && found ? { type: "signed_in", person: found.person.id, proof: "" } : { type: "refused" };
  }

  return {
    /** `email`: null for the built-in owner. `address`: stands for where the request comes from. */
    async byPassword(email: string | null, password: string, address: string): Promise<SignInResult> {
      if (waiting >= longestQueue) return { type: "wait", seconds: 5 };
      const account = sign("account", email?.toLowerCase() ?? "");
      return inTurn(async () => {
        const seconds = await throttle.waitS(address, account);
        if (seconds > 0) return { type: "wait", seconds };
        const result = await tryPassword(email?.toLowerCase() ?? null, password);
        if (result.type === "signed_in") await throttle.succeeded(account);
        else await throttle.failed(address, account);
        return result;
      });
    },

    /** By a one-time link's token. There are no waits: it cannot be guessed, and it is the way in when all else fails. */
    async byLink(token: string): Promise<SignInResult> {
      const isGood = await accounts.redeemLink(hashOf(token), now());
      return isGood ? { type: "signed_in", person: null, proof: byLink } : { type: "refused" };
    },

    /** Whether what a session of the built-in owner rests on still holds. */
    holds: (proof: string): boolean => proof === byLink || (adminProof !== null && isSame(proof, adminProof)),
  };
}
export type SignIn = ReturnType<typeof createSignIn>;
