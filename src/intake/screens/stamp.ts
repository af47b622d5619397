import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { ScreeningReason } from "../../model/lead.ts";
import { derivedKey } from "../keyed-hash.ts";
import { createSeen } from "./seen.ts";

/** What a stamp tells: when the form was shown, or that it was not made here. `repeated`: it came before. */
export type StampRead = { type: "shown"; at: number; repeated: boolean } | { type: "forged" };

/** Stamps that can be told to have been used before; the oldest are forgotten first. */
const mostRemembered = 50_000;
const rememberMs = 86_400_000;
const shape = /^(\d{10,16})\.([\w-]{8,24})\.([\w-]{22})$/;

/**
 * Signed times: given with a form when it is shown, and handed back with it. `secrets`: the first signs, all are accepted, so that
 * no page that is open loses its stamp when the secret changes.
 */
export function createStamps(
  secrets: readonly [string, ...string[]],
  { now, nonce }: { now(): number; nonce(): string },
) {
  const keys = secrets.map((secret) => createSecretKey(derivedKey(secret, "form stamp")));
  const used = createSeen(mostRemembered, rememberMs);

  function signature(keyIndex: number, form: string, text: string): string {
    const key = keys[keyIndex] ?? keys[0];
    if (!key) throw new Error("no key for stamps");
    return createHmac("sha256", key).update(`${form}.${text}`).digest("base64url").slice(0, 22);
  }

  return {
    /** A stamp for this form, as of now. */
    give(form: string): string {
      const text = `${now()}.${nonce()}`;
      return `${text}.${signature(0, form, text)}`;
    },
    /** Reads one, and remembers it as used. */
    read(form: string, stamp: string): StampRead {
      const [, at, own, mac] = shape.exec(stamp) ?? [];
      if (!at || !own || !mac) return { type: "forged" };
      const given = Buffer.from(mac);
      const ours = keys
        .map((_, i) => signature(i, form, `${at}.${own}`))
        .find((signed) => timingSafeEqual(Buffer.from(signed), given));
      if (ours === undefined) return { type: "forged" };
      // Our own text of it is remembered: the one that was sent may be a part of its body, and would keep all of that in memory.
      return { type: "shown", at: Number(at), repeated: used.add(ours, now()) };
    },
    /** It was not used after all. */
    forget: (stamp: string): void => used.forget(stamp.slice(stamp.lastIndexOf(".") + 1)),
  };
}
export type Stamps = ReturnType<typeof createStamps>;

const instantMs = 1_000;
const hastyMs = 3_000;
const oldMs = 86_400_000;

/**
 * How long the form took to fill in. Nobody types in a second; in three, only who has everything filled in by the browser. A page
 * that was open for a day, or was sent twice, is a person's more often than not. A time to come says that a clock was set, or that
 * another gateway's is ahead: nothing is held against a person for that.
 */
export function screenFillTime(read: StampRead, now: number): ScreeningReason | null {
  if (read.type === "forged")
    return { code: "stamp_forged", points: 4, message: "the form's stamp is not one of ours" };
  const tookMs = now - read.at;
  if (tookMs < 0) return read.repeated ? stampRepeated : null;
  if (tookMs < instantMs) return { code: "too_fast", points: 6, message: "sent within a second of being shown" };
  if (tookMs < hastyMs) return { code: "hasty", points: 3, message: "sent within three seconds of being shown" };
  if (tookMs > oldMs) return { code: "stamp_old", points: 1, message: "shown more than a day before it was sent" };
  return read.repeated ? stampRepeated : null;
}

const stampRepeated: ScreeningReason = {
  code: "stamp_repeated",
  points: 2,
  message: "the form's stamp was used before",
};

/** The same of a time the page itself noted, which anybody can write: no more than a hint, and its clock may be wrong. */
export function screenLoadedAt(loadedAt: number, now: number): ScreeningReason | null {
  const tookMs = now - loadedAt;
  return tookMs >= 0 && tookMs < instantMs
    ? { code: "too_fast_unsigned", points: 3, message: "by the page's own clock sent within a second of being shown" }
    : null;
}

export const stampMissing: ScreeningReason = {
  code: "stamp_missing",
  points: 2,
  message: "the form came without its stamp",
};
