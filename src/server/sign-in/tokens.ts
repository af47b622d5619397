import { randomUUID } from "node:crypto";
import type { Accounts, ApiToken } from "../../ledger/accounts.ts";
import { hashOf, isSame, newSecret } from "./secret.ts";

const form = /^lk_([0-9a-f-]{36})_([\w-]{43})$/;
/** When a token was last used is noted this often at most. */
const noteEveryMs = 60_000;

/** Makes a token. `secret`, `lk_<id>_<256 random bits>`, is to be shown once; the ledger keeps its hash. */
export async function makeToken(
  accounts: Accounts,
  { name, scopes, createdBy, now }: Pick<ApiToken, "name" | "scopes" | "createdBy"> & { now: number },
): Promise<{ token: ApiToken; secret: string }> {
  const own = randomUUID();
  const secret = `lk_${own}_${newSecret()}`;
  const token = { id: `token_${own}`, name, scopes, createdAt: now, createdBy, lastUsedAt: null };
  await accounts.addToken(token, hashOf(secret));
  return { token, secret };
}

/** The token a secret belongs to; null when it is none of ours. */
export async function tokenOf(accounts: Accounts, secret: string, now: number): Promise<ApiToken | null> {
  const [, own] = form.exec(secret) ?? [];
  const found = own === undefined ? null : await accounts.findToken(`token_${own}`);
  if (!found || !isSame(hashOf(secret), found.hash)) return null;
  const { token } = found;
  if (now - (token.lastUsedAt ?? 0) >= noteEveryMs) await accounts.tokenUsed(token.id, now);
  return token;
}
