import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits as URL-safe text. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/** What is kept of a random secret. A fast hash is enough: nobody guesses 256 bits. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}

/** Whether two texts are the same, in a time that says nothing of where they differ. */
export function isSame(one: string, other: string): boolean {
  return timingSafeEqual(createHash("sha256").update(one).digest(), createHash("sha256").update(other).digest());
}
