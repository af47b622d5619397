import { createHmac, createSecretKey } from "node:crypto";

/** Keyed hashes that stand for things without saying what they are. */
export type KeyedHash = {
  /** 32 hex characters that stand for a normalised e-mail address or phone number. */
  personKey(contact: string): string;
  /** The same under the secret in use and under each older one, that one first. */
  personKeys(contact: string): string[];
  /** 32 hex characters that stand for a submission's key, whatever a site puts into it. */
  submissionKey(key: string): string;
};

/**
 * HMAC-SHA-256 under keys derived from the secrets, one key per purpose; the first secret is the one in use. Keyed, because
 * plain hashes of addresses and phone numbers are reversed by trying them all.
 */
export function createKeyedHash(secrets: readonly [string, ...string[]]): KeyedHash {
  const [secret] = secrets;
  const person = hashWith(secret, "person");
  const everyPerson = secrets.map((one) => hashWith(one, "person"));
  return {
    personKey: person,
    personKeys: (contact) => everyPerson.map((hash) => hash(contact)),
    submissionKey: hashWith(secret, "submission key"),
  };
}

function hashWith(secret: string, purpose: string): (text: string) => string {
  const key = createSecretKey(derivedKey(secret, purpose));
  return (text) => createHmac("sha256", key).update(text).digest("hex").slice(0, 32);
}

/** The key of one purpose. It says nothing of the secret, nor of the other keys. */
export function derivedKey(secret: string, purpose: string): Buffer {
  return createHmac("sha256", secret).update(`leadkeep ${purpose}`).digest();
}
