import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { ScreeningReason } from "../../model/lead.ts";
import { derivedKey } from "../keyed-hash.ts";
import { createSeen } from "./seen.ts";

/**
 * A proof of work in the first form of the ALTCHA protocol (SHA-256), per https://altcha.org/docs/v2/ and its libraries: a
 * browser looks for the number whose hash with the salt is `challenge`. https://www.rubydoc.info/gems/altcha/Altcha (read 2026-11)
 */
export type AltchaChallenge = {
  algorithm: "SHA-256";
  challenge: string;
  maxnumber: number;
  salt: string;
  signature: string;
};

/** A page may be open for long before its form is sent. */
const lifetimeMs = 3_600_000;
const longestPayload = 4_096;
const mostRemembered = 50_000;
/** Ends with `&`: digits of the number cannot be moved into the salt, and so into its time of expiry (CVE-2025-68113). */
const saltShape = /^[\w-]{12,40}\?expires=(\d{9,12})&form=[a-z0-9-]{1,64}&$/;

/** Makes challenges and checks their solutions. Each is good once, on the machine it is handed to. */
export function createAltcha(
  secrets: readonly [string, ...string[]],
  {
    now,
    nonce,
    draw,
  }: { now(): number; nonce(): string /** A whole number from 0 to below this one. */; draw(below: number): number },
) {
  const keys = secrets.map((secret) => createSecretKey(derivedKey(secret, "altcha")));
  const used = createSeen(mostRemembered, lifetimeMs);

  function signature(keyIndex: number, challenge: string): string {
    const key = keys[keyIndex] ?? keys[0];
    if (!key) throw new Error("no key for challenges");
    return createHmac("sha256", key).update(challenge).digest("hex");
  }

  return {
    challenge(form: string, maxnumber: number): AltchaChallenge {
      const expires = Math.ceil((now() + lifetimeMs) / 1_000);
      const salt = `${nonce()}?expires=${expires}&form=${form}&`;
      const challenge = sha256(`${salt}${draw(maxnumber + 1)}`);
      return { algorithm: "SHA-256", challenge, maxnumber, salt, signature: signature(0, challenge) };
    },
    /** Null when it is solved. `payload`: what the form's field `altcha` holds, base64 of JSON. */
    screen(form: string, payload: string | null): ScreeningReason | null {
      if (payload === null) return missing;
      const given = parsed(payload);
      if (!given) return wrong;
      const { challenge, number, salt } = given;
      const [, expires] = saltShape.exec(salt) ?? [];
      if (!expires || !salt.endsWith(`&form=${form}&`) || given.algorithm !== "SHA-256") return wrong;
      const mac = Buffer.from(given.signature);
      const isOurs = keys.some((_, i) => {
        const own = Buffer.from(signature(i, challenge));
        return own.length === mac.length && timingSafeEqual(own, mac);
      });
      if (!isOurs || sha256(`${salt}${number}`) !== challenge) return wrong;
      if (Number(expires) * 1_000 < now()) return expired;
      return used.add(challenge, now()) ? repeated : null;
    },
    /** It was not used after all. */
    forget: (payload: string): void => used.forget(parsed(payload)?.challenge ?? ""),
  };
}
export type Altcha = ReturnType<typeof createAltcha>;

const missing: ScreeningReason = { code: "captcha_missing", points: 10, message: "the form came without its captcha" };
const wrong: ScreeningReason = { code: "captcha_failed", points: 15, message: "the captcha was not solved" };
const expired: ScreeningReason = { code: "captcha_expired", points: 10, message: "the captcha was too old" };
const repeated: ScreeningReason = { code: "captcha_repeated", points: 10, message: "the captcha was used before" };

type Payload = { algorithm: string; challenge: string; number: number; salt: string; signature: string };

function parsed(payload: string): Payload | null {
  if (payload.length > longestPayload) return null;
  try {
    const given = JSON.parse(Buffer.from(payload, "base64").toString("utf8")) as Partial<Payload> | null;
    const { algorithm, challenge, number, salt, signature } = given ?? {};
    const areTexts = [algorithm, challenge, salt, signature].every((one) => typeof one === "string");
    return areTexts && Number.isSafeInteger(number) && Number(number) >= 0 ? (given as Payload) : null;
  } catch {
    return null;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
