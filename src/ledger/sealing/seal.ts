import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { LeadkeepError } from "../../model/errors.ts";
import type { DataKey } from "./master-keys.ts";

/** `enc:v1:<data key's id>:<nonce>:<ciphertext>:<tag>`, the last three in base64url. No text of a lead's document begins so. */
const sealedText = /^enc:v1:([\w-]{22}):([\w-]{16}):([\w-]*):([\w-]{22})$/;
/** Better levels take twice the time, for 2 % less; a window larger than a document costs memory that is made and thrown away each time. */
const fast = { level: 1, windowBits: 12, memLevel: 5 };
/** Most documents fit into one such chunk; the default would be 16 KiB for each. */
const chunkSize = 4_096;
/** Up to the end of the key's id. */
const headLength = "enc:v1:".length + 22;

/** The id of the data key a text is sealed with; null when it is in clear. */
export function keyIdOf(text: string): string | null {
  return text.startsWith("enc:v1:") ? text.slice("enc:v1:".length, headLength) : null;
}

/**
 * Seals a text by AES-256-GCM, deflated first: documents come out at about half of their size, and not at twice. What its length then tells
 * is of one person only, since no document holds anything that is another one's. `about`: whose it is; opened as anybody
 * else's it is broken.
 */
export function seal(text: string, { id, key }: DataKey, about: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
  const ciphertext = Buffer.concat([cipher.update(deflateRawSync(text, fast)), cipher.final()]);
  return ["enc:v1", id, ...[nonce, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"))].join(
    ":",
  );
}

/** @throws {LeadkeepError} `seal_broken` */
export function unseal(text: string, { key }: DataKey, about: string): string {
  try {
    const [nonce, ciphertext, tag] = (sealedText.exec(text) ?? [])
      .slice(2)
      .map((part) => Buffer.from(part, "base64url"));
    if (!nonce || !ciphertext || !tag) throw new RangeError("not a sealed text");
    const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about)).setAuthTag(tag);
    const deflated = Buffer.concat([decipher.update(ciphertext), decipher.final()]);
    return inflateRawSync(deflated, { chunkSize }).toString("utf8");
  } catch (cause) {
    throw new LeadkeepError("seal_broken", `What is sealed of ${about} was changed, or is another lead's.`, { cause });
  }
}
