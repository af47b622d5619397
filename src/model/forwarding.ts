/**
 * What a forwarder (a function of the site, elsewhere) tells of the visitor whose submission it passes on, and the text its
 * signature is made over. Imports nothing: it runs at the edge as well.
 */
export type Forwarding = {
  /** Made once for a submission, the same on every try, and its idempotency key where it brings none. */
  id: string;
  /** Seconds since 1970. */
  timestamp: string;
  method: string;
  /** The path from `/f/` on, as in `/f/contact`: what is before it may be another at the gateway. */
  target: string;
  /** The `Idempotency-Key` header; empty without one. */
  key: string;
  /** The visitor's network address, or a keyed hash of it; empty when it is not to be told. */
  address: string;
  /** Origin the visitor's request was addressed to. */
  origin: string;
  /** The form's path as the visitor's browser knows it. */
  path: string;
  /** SHA-256 of the body, lower-case hex. */
  bodyHash: string;
};

/** The headers a forwarding comes in. Values hold no line breaks. */
export const forwardingHeaders = {
  id: "leadkeep-id",
  timestamp: "leadkeep-timestamp",
  signature: "leadkeep-signature",
  address: "leadkeep-address",
  origin: "leadkeep-origin",
  path: "leadkeep-path",
} as const;

/** What stands before a signature: the scheme, as in Standard Webhooks. It is HMAC-SHA-256 over `signedText`, in base64. */
export const signatureScheme = "v1,";

/** How far the clocks of forwarder and gateway may be apart, and how long a signature holds: five minutes. */
export const forwardingWindowMs = 300_000;

/** One part a line: none of them can hold a line break, so no two forwardings have the same text. */
export function signedText(forwarding: Forwarding): string {
  const { id, timestamp, method, target, key, address, origin, path, bodyHash } = forwarding;
  return ["leadkeep-forward", id, timestamp, method, target, key, address, origin, path, bodyHash].join("\n");
}
