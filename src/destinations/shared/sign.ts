import { Webhook } from "standardwebhooks";

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The headers of the Standard Webhooks scheme, with a signature by each secret
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, read 2026-11).
 *
 * @param id Must hold no dot.
 * @param now Epoch milliseconds.
 */
export function signedHeaders(
  body: string,
  { id, now, secrets }: { id: string; now: number; secrets: readonly string[] },
): Record<string, string> {
  const signatures = secrets.map((one) => signer(one).sign(id, new Date(now), body));
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(now / 1_000)),
    ...(signatures.length > 0 ? { "webhook-signature": signatures.join(" ") } : {}),
  };
}

/** The key is what the scheme's own libraries make of the text; one that is not base64 is taken as its bytes. */
function signer(text: string): Webhook {
  const encoded = text.startsWith("whsec_") || base64.test(text);
  return encoded ? new Webhook(text) : new Webhook(text, { format: "raw" });
}
