import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import { derivedKey } from "../intake/keyed-hash.ts";
import { latestConsent, type Purpose, standingConsents } from "../model/consent.ts";
import type { PersonLinks } from "../model/destination.ts";
import { isLeadId, type LeadId } from "../model/id.ts";
import type { Lead } from "../model/lead.ts";

export type PersonLinksOptions = {
  /** The one to sign with, then older ones whose links are still good. */
  secrets: readonly [string, ...string[]];
  /** The gateway's address as browsers know it; null: there are no links. */
  publicUrl: string | null;
  /** Epoch milliseconds. */
  now(): number;
};

/**
 * What a link stands for. `at`: for `confirm` and `keep`, the moment of what it answers to, by which the record tells whether
 * that still stands; so a link works once. Times are epoch milliseconds; null when there is none.
 */
export type PersonToken = {
  type: "confirm" | "withdraw" | "keep";
  lead: LeadId;
  /** Empty: whatever the person has given. */
  purposes: readonly Purpose[];
  at: number | null;
  expiresAt: number | null;
};

/** How long a link to confirm works. */
export const confirmForMs = 7 * 86_400_000;
/** How long a withdrawal may be taken back. */
export const keepForMs = 3_600_000;

const longestToken = 8_000;
const tokenParts = /^([\w-]+)\.([\w-]{43})\.([0-9a-f]{8})$/;
const payload = z.tuple(
  [
    z.enum(["confirm", "withdraw", "keep"]),
    z.string().transform((uuid) => `lead_${uuid}` as const),
    z.number().nullable(),
    z.number().nullable(),
  ],
  z.string(),
);

/** Person links that can be read again. */
export type SignedLinks = PersonLinks & {
  /** Null when it is not one of ours. That it has expired is for the page to say. */
  read(token: string): PersonToken | null;
  /** A token by which a person may take back the withdrawal made at a moment. */
  keep(lead: LeadId, purposes: readonly Purpose[], at: number): string;
};

/**
 * Makes and reads signed links. A token is `<payload>.<HMAC-SHA-256>.<key id>`: the lead's id, purposes and times, and nothing
 * of the person. The key id stands last, since mail programs that look for addresses in plain text may leave a final `-` out.
 */
export function createPersonLinks({ secrets, publicUrl, now }: PersonLinksOptions): SignedLinks {
  const keys = secrets.map(keyOf);
  const signing = keyOf(secrets[0]);
  const base = publicUrl?.replace(/\/+$/, "") ?? null;

  function write({ type, lead, purposes, at, expiresAt }: PersonToken): string {
    const text = JSON.stringify([type, lead.slice("lead_".length), at, expiresAt, ...purposes]);
    const body = Buffer.from(text).toString("base64url");
    return `${body}.${signatureOf(body, signing.key).toString("base64url")}.${signing.id}`;
  }

  return {
    confirm(lead) {
      const waiting = standingConsents(lead.consents).filter(({ action }) => action === "requested");
      if (base === null || waiting.length === 0) return null;
      const at = Math.max(...waiting.map((event) => event.at));
      const purposes = waiting.map(({ purpose }) => purpose);
      return `${base}/c/${write({ type: "confirm", lead: lead.id, purposes, at, expiresAt: now() + confirmForMs })}`;
    },
    withdraw(lead, purpose) {
      const open =
        purpose === undefined ? hasGiven(lead) : latestConsent(lead.consents, purpose)?.action !== "withdrawn";
      if (base === null || !open) return null;
      const purposes = purpose === undefined ? [] : [purpose];
      return `${base}/u/${write({ type: "withdraw", lead: lead.id, purposes, at: null, expiresAt: null })}`;
    },
    keep: (lead, purposes, at) => write({ type: "keep", lead, purposes, at, expiresAt: now() + keepForMs }),
    read(token) {
      if (token.length > longestToken) return null;
      const [, body = "", signature = "", keyId] = tokenParts.exec(token) ?? [];
      const key = keys.find(({ id }) => id === keyId)?.key;
      if (!key || !timingSafeEqual(signatureOf(body, key), Buffer.from(signature, "base64url"))) return null;
      const parsed = payload.safeParse(JSON.parse(Buffer.from(body, "base64url").toString()));
      if (!parsed.success) return null;
      const [type, lead, at, expiresAt, ...purposes] = parsed.data;
      return isLeadId(lead) ? { type, lead, purposes, at, expiresAt } : null;
    },
  };
}

function hasGiven({ consents }: Lead): boolean {
  return standingConsents(consents).some(({ action }) => action === "granted" || action === "requested");
}

/** A key of its own, so that nothing signed elsewhere with the same secret is a link; its id says which secret it was. */
function keyOf(secret: string): { id: string; key: KeyObject } {
  return {
    id: derivedKey(secret, "link key id").toString("hex", 0, 4),
    key: createSecretKey(derivedKey(secret, "link")),
  };
}

function signatureOf(body: string, key: KeyObject): Buffer {
  return createHmac("sha256", key).update(body).digest();
}
