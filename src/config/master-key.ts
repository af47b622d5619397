import { keyBytes, type MasterKeys, masterKeysOf } from "../ledger/sealing/master-keys.ts";
import { ConfigError } from "../model/errors.ts";

/** @throws {RangeError} when it is not 32 bytes in base64 */
export function parseMasterKey(text: string): Buffer {
  const key = Buffer.from(text.trim(), "base64");
  const isBase64 = /^[\w+/-]+=*$/.test(text.trim());
  if (!isBase64 || key.length !== keyBytes) throw new RangeError("not a key");
  return key;
}

/** Null: leads are kept in clear. @throws {ConfigError} when there are old keys and none in use */
export function masterKeys(current: Buffer | undefined, old: readonly Buffer[]): MasterKeys | null {
  if (current) return masterKeysOf(current, old);
  if (old.length === 0) return null;
  const message = "is not set, though LEADKEEP_OLD_ENCRYPTION_KEYS is.";
  throw new ConfigError([{ path: "LEADKEEP_ENCRYPTION_KEY", message, cure: "Set it to the key that is in use." }]);
}
