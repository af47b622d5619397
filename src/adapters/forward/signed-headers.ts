import { type Forwarding, forwardingHeaders, signatureScheme, signedText } from "../../model/forwarding.ts";

/** How a submission is vouched for. */
export type Signing = {
  /** One of the gateway's LEADKEEP_FORWARD_SECRET: at least 24 characters, and known to servers only. */
  secret: string;
  /**
   * The visitor's network address, where the framework tells it, such as Astro's `clientAddress`; null: unknown.
   * @default what the host says, on Cloudflare, Netlify and Vercel
   */
  visitor?: string | null;
  /**
   * How the address travels: as it is, under the signature, for the gateway to hash as it is set to; as a hash keyed by `secret`,
   * so that the gateway never has the address; or not at all. @default "pass"
   */
  address?: "pass" | "hash" | "none";
};

/** Headers of the submission itself. Cookies are the site's own business, HubSpot's visitor id excepted. */
const carried = [
  ...["accept", "accept-language", "content-encoding", "content-type", "idempotency-key", "if-none-match"],
  ...["origin", "referer", "sec-fetch-site", "user-agent"],
];
const hubspotCookie = /(?:^|;\s*)(hubspotutk=[^;]+)/;

/** The headers a request is passed on with: its own, what the gateway is to know of it, and the signature. @throws without a secret */
export async function signedHeaders(
  { method, headers }: Request,
  body: Uint8Array<ArrayBuffer>,
  told: Pick<Forwarding, "id" | "target" | "origin" | "path">,
  { secret, visitor = addressBy(headers), address = "pass" }: Signing,
): Promise<Headers> {
  if (!secret || secret.length < 24) throw new Error("the secret is missing, or shorter than 24 characters");
  const sent = new Headers();
  for (const name of carried) {
    const value = headers.get(name);
    if (value !== null) sent.set(name, value);
  }
  const cookie = hubspotCookie.exec(headers.get("cookie") ?? "")?.[1];
  if (cookie) sent.set("cookie", cookie);
  const hmac = await hmacBy(secret);
  const forwarding = {
    ...told,
    timestamp: String(Math.floor(Date.now() / 1_000)),
    method,
    key: headers.get("idempotency-key") ?? "",
    address: visitor ? await addressToTell(visitor, address, hmac) : "",
    bodyHash: hexOf(await crypto.subtle.digest("SHA-256", body)),
  };
  for (const name of ["id", "timestamp", "address", "origin", "path"] as const) {
    sent.set(forwardingHeaders[name], forwarding[name]);
  }
  const signature = new Uint8Array(await hmac(signedText(forwarding)));
  sent.set(forwardingHeaders.signature, signatureScheme + btoa(String.fromCharCode(...signature)));
  return sent;
}

/**
 * The visitor's address by the host's own header: as https://developers.cloudflare.com/fundamentals/reference/http-headers/ has it (read
 * 2026-11), as Nitro reads Netlify's, as `ipAddress` of `@vercel/functions` reads Vercel's. Each is believed on its own host alone, which
 * writes it anew; anywhere else it could be the visitor's invention.
 */
function addressBy(headers: Headers): string | null {
  const host = globalThis as { Netlify?: unknown; process?: { env?: Record<string, string | undefined> } };
  if (globalThis.navigator?.userAgent === "Cloudflare-Workers") return headers.get("cf-connecting-ip");
  if (host.Netlify) return headers.get("x-nf-client-connection-ip");
  return host.process?.env?.VERCEL ? headers.get("x-real-ip") : null;
}

type Hmac = (text: string) => Promise<ArrayBuffer>;

async function addressToTell(visitor: string, way: NonNullable<Signing["address"]>, hmac: Hmac): Promise<string> {
  switch (way) {
    case "pass":
      return visitor;
    case "hash":
      return `hashed-${hexOf(await hmac(`leadkeep-forward address\n${visitor}`))}`;
    case "none":
      return "";
  }
}

async function hmacBy(secret: string): Promise<Hmac> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(secret), algorithm, false, ["sign"]);
  return (text) => crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
}

function hexOf(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
