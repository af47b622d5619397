import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { LeadkeepError } from "../../model/errors.ts";

/** A key that wraps data keys, and the name it goes by: derived from it, and fit to be shown. */
export type MasterKey = { id: string; key: Buffer };

/** The master key in use, and all that may have wrapped a key on record, by their ids. */
export type MasterKeys = { current: MasterKey; all: ReadonlyMap<string, MasterKey> };

/** A key that seals what is kept of one lead. */
export type DataKey = { id: string; key: Buffer };

/** A data key as it is kept: wrapped by a master key; `wrapped` is null once it was destroyed. */
export type KeyRow = { id: string; master: string; wrapped: string | null };

/** Bytes of a master key, and of a data key: both are for AES-256. */
export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** `current` and `old`: 32 bytes each. */
export function masterKeysOf(current: Buffer, old: readonly Buffer[] = []): MasterKeys {
  const inUse = masterKeyOf(current);
  return { current: inUse, all: new Map([...old.map(masterKeyOf), inUse].map((one) => [one.id, one])) };
}

function masterKeyOf(key: Buffer): MasterKey {
  return { id: createHmac("sha256", key).update("leadkeep master key").digest("base64url").slice(0, 10), key };
}

export function newDataKey(): DataKey {
  return { id: randomBytes(16).toString("base64url"), key: randomBytes(keyBytes) };
}

/** The data key's id is bound in, so that wrapped keys cannot be exchanged for one another. */
export function wrap({ id, key }: DataKey, master: MasterKey): KeyRow {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv("aes-256-gcm", master.key, nonce).setAAD(Buffer.from(id));
  const wrapped = Buffer.concat([nonce, cipher.update(key), cipher.final(), cipher.getAuthTag()]);
  return { id, master: master.id, wrapped: wrapped.toString("base64url") };
}

/** Null when the key was destroyed. @throws {LeadkeepError} `key_broken` */
export function unwrap({ id, master: masterId, wrapped }: KeyRow, masters: MasterKeys): DataKey | null {
  if (wrapped === null) return null;
  const master = masters.all.get(masterId);
  if (!master) throw broken(`is wrapped by the master key ${masterId}, which is not among those that are set`);
  const bytes = Buffer.from(wrapped, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", master.key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(id))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return { id, key: Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]) };
  } catch (cause) {
    throw broken("was changed, or mixed up with another one", cause);
  }
}

function broken(what: string, cause?: unknown): LeadkeepError {
  return new LeadkeepError("key_broken", `A key that seals leads ${what}. See docs/encryption.md.`, { cause });
}
