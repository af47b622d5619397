import { randomBytes } from "node:crypto";
import { type MasterKeys, masterKeysOf } from "../../src/ledger/sealing/master-keys.ts";

/** A master key of the moment, as raw bytes and as a ledger takes it. */
export function aMasterKey(old: readonly Buffer[] = []): { raw: Buffer; keys: MasterKeys } {
  const raw = randomBytes(32);
  return { raw, keys: masterKeysOf(raw, old) };
}
