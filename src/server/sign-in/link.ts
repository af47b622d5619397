import type { Accounts } from "../../ledger/accounts.ts";
import { hashOf, newSecret } from "./secret.ts";

const linkLifeMs = 86_400_000;

/**
 * A link that signs its holder in as owner: once, within 24 hours. Its token stands in the fragment, which browsers send to no
 * server, so that it is in no log. `base`: where the gateway is reached.
 */
export async function newSignInLink(accounts: Accounts, base: string, now: number): Promise<string> {
  const token = newSecret();
  await accounts.addLink({ hash: hashOf(token), expiresAt: now + linkLifeMs });
  return `${base.replace(/\/+$/, "")}/console/sign-in#${token}`;
}
