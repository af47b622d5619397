import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** A service account's key, with the address its JSON file names; or what is wrong with the text, without quoting it. */
export type ParsedKey = { type: "key"; key: KeyObject; email: string | null } | { type: "broken"; problem: string };

const block = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----([\s\S]*?)-----END \1-----/;

/**
 * Reads a key in any form people paste it in: PEM, PEM with `\n` spelled out or with its line breaks lost, quoted, the whole
 * JSON key file, a path to it, or base64 of any of these.
 */
export function parsePrivateKey(given: string): ParsedKey {
  let text = given.trim();
  if (/^[^\n{]{1,4096}\.json$/.test(text)) {
    try {
      text = readFileSync(text, "utf8").trim();
    } catch {
      return broken("names a JSON file that cannot be read");
    }
  }
  const decoded = /[-{]/.test(text) ? text : Buffer.from(text, "base64").toString("utf8").trim();
  const json = keyFileIn(text) ?? keyFileIn(decoded);
  if (json === "no key") return broken('is a JSON file without a "private_key": download the key of a service account');
  if (json) return keyOf(json.key, json.email);
  return keyOf(/-----BEGIN /.test(decoded) ? decoded : text, null);
}

function keyFileIn(text: string): { key: string; email: string | null } | "no key" | null {
  if (!text.startsWith("{")) return null;
  try {
    const file = JSON.parse(text) as { private_key?: unknown; client_email?: unknown };
    if (typeof file.private_key !== "string") return "no key";
    return { key: file.private_key, email: typeof file.client_email === "string" ? file.client_email : null };
  } catch {
    return "no key";
  }
}

function keyOf(text: string, email: string | null): ParsedKey {
  const unescaped = text.replace(/\\+r/g, "").replace(/\\+n/g, "\n");
  if (/BEGIN (CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY)/.test(unescaped))
    return broken("is a certificate or a public key; the private key is needed");
  const [, kind, body] = block.exec(unescaped) ?? [];
  if (!kind || body === undefined) {
    const begun = unescaped.includes("-----BEGIN");
    return broken(
      begun ? "is cut off: its -----END PRIVATE KEY----- line is missing" : "has no -----BEGIN PRIVATE KEY----- line",
    );
  }
  const base64 = body.replace(/[^A-Za-z0-9+/=]/g, "");
  const lines = base64.match(/.{1,64}/g) ?? [];
  try {
    const key = createPrivateKey(`-----BEGIN ${kind}-----\n${lines.join("\n")}\n-----END ${kind}-----\n`);
    return key.asymmetricKeyType === "rsa" ? { type: "key", key, email } : broken("is not an RSA key");
  } catch {
    return broken("is damaged: copy it again, whole, from the JSON key file");
  }
}

function broken(problem: string): ParsedKey {
  return { type: "broken", problem };
}
