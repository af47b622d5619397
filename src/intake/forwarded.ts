import { createHash, createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import {
  type Forwarding,
  forwardingHeaders,
  forwardingWindowMs,
  signatureScheme,
  signedText,
} from "../model/forwarding.ts";
import type { BodyRead, IntakeReply, IntakeRequest } from "./intake-request.ts";

export type ForwarderOptions = {
  /** Any of them may have signed; none: no forwarder is known. */
  secrets: readonly string[];
  /** Epoch milliseconds. */
  now(): number;
  /** Longest body read, in bytes. */
  maxBodyBytes: number;
};

/** A request as the forwarder that signed it tells, or why it is not believed. */
type Believed = { type: "request"; request: IntakeRequest } | { type: "refused"; why: string };

/** True of a request that claims to come from a forwarder. */
export function isForwarded(request: Pick<IntakeRequest, "header">): boolean {
  return request.header(forwardingHeaders.signature) !== null;
}

/**
 * Reads what forwarders vouch for: the visitor's address, the site's origin, and the form's path there. Only what is signed by
 * one of the secrets, less than five minutes ago, is believed.
 */
export function createForwarderCheck({ secrets, now, maxBodyBytes }: ForwarderOptions) {
  const keys = secrets.map((secret) => createSecretKey(Buffer.from(secret)));

  /** Each signature is compared with each secret's, in a time that says nothing of where they differ. */
  function isSigned(text: string, signatures: string): boolean {
    const given = signatures.split(" ").filter((one) => one.startsWith(signatureScheme));
    return keys.some((key) => {
      const right = createHmac("sha256", key).update(text).digest();
      return given.some((one) => isSame(Buffer.from(one.slice(signatureScheme.length), "base64"), right));
    });
  }

  return async function believe(request: IntakeRequest, target: string): Promise<Believed> {
    if (keys.length === 0) return refused("no LEADKEEP_FORWARD_SECRET is set here");
    const read = await request.readBody(maxBodyBytes);
    // Nothing can be said of its signature; intake refuses it for what it is.
    if (read.type !== "bytes") return { type: "request", request: { ...request, readBody: async () => read } };
    const forwarding = forwardingOf(request, target, read);
    if (!isSigned(signedText(forwarding), request.header(forwardingHeaders.signature) ?? "")) {
      return refused("it was not made with a secret of this gateway's, or something was changed on the way");
    }
    if (!(Math.abs(now() - Number(forwarding.timestamp) * 1_000) <= forwardingWindowMs)) {
      return refused("it was made more than five minutes ago, or the two clocks are apart");
    }
    return { type: "request", request: asForwarded(request, forwarding, read) };
  };
}

/** What a request that is not believed is answered. JSON always: it is the forwarder that reads it, not the visitor. */
export function badSignatureReply(why: string): IntakeReply {
  const title = "The forwarder's signature does not hold";
  const problem = { type: "about:blank", title, status: 403, code: badSignature, detail: `Nothing was kept: ${why}.` };
  const headers = { "cache-control": "no-store", "content-type": "application/problem+json" };
  return { status: 403, headers, body: JSON.stringify(problem) };
}

/** The code of that refusal. */
export const badSignature = "bad_signature";

function forwardingOf(request: IntakeRequest, target: string, { bytes }: BodyRead & { type: "bytes" }): Forwarding {
  const said = (name: keyof typeof forwardingHeaders) => request.header(forwardingHeaders[name]) ?? "";
  return {
    id: said("id"),
    timestamp: said("timestamp"),
    method: request.method,
    target,
    key: request.header("idempotency-key") ?? "",
    address: said("address"),
    origin: said("origin"),
    path: said("path"),
    bodyHash: createHash("sha256").update(bytes).digest("hex"),
  };
}

function asForwarded(
  request: IntakeRequest,
  { id, address, origin, path }: Forwarding,
  read: BodyRead & { type: "bytes" },
): IntakeRequest {
  return {
    ...request,
    address: address || null,
    origin: origin || null,
    // Signed or not, it ends up in a redirect: it must not lead to another host.
    path: /^\/(?![/\\])/.test(path) ? path : request.path,
    fallbackKey: id,
    readBody: async () => read,
  };
}

function isSame(given: Buffer, right: Buffer): boolean {
  return given.length === right.length && timingSafeEqual(given, right);
}

function refused(why: string): Believed {
  return { type: "refused", why };
}
