import type { Gateway } from "../../gateway.ts";
import { createSessions, type Sessions } from "../sign-in/sessions.ts";
import { createSignIn, type SignIn } from "../sign-in/sign-in.ts";
import { createSignInThrottle } from "../sign-in/throttle.ts";

/** Where people sign in and are known again. */
export type Desk = {
  sessions: Sessions;
  signIn: SignIn;
  /** How one may sign in here. */
  login(): Promise<{ password: boolean; email: boolean }>;
};

export function createDesk({ accounts, ledger, options, sign }: Gateway): Desk {
  const { adminPassword } = options;
  const now = Date.now;
  return {
    sessions: createSessions({ accounts, sign, now }),
    signIn: createSignIn({ accounts, adminPassword, sign, throttle: createSignInThrottle(ledger.together), now }),
    login: async () => ({ password: adminPassword !== null, email: (await accounts.people()).length > 0 }),
  };
}
