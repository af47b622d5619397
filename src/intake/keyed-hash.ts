import { createHmac, createSecretKey } from "node:crypto";

/**
 * HMAC-SHA-256 under keys derived from a secret, one key per purpose. Keyed, because plain hashes of addresses and phone
 * numbers are reversed by trying them all. The key id says which secret was used, and is not the secret.
 */
export function createKeyedHash(secret: string): {
  /** `hmac-sha256:<key id>:<hex>` of a network address, the same however the address is written. */
  hashAddress(address: string): string;
  /** 32 hex characters that stand for a normalised e-mail address or phone number. */
  personKey(contact: string): string;
} {
  const derive = (purpose: string) => createHmac("sha256", secret).update(`leadkeep ${purpose}`).digest();
  const addressKey = createSecretKey(derive("address"));
  const person = createSecretKey(derive("person"));
  const prefix = `hmac-sha256:${derive("key id").toString("hex", 0, 4)}:`;
  return {
    hashAddress: (address) => prefix + createHmac("sha256", addressKey).update(normaliseAddress(address)).digest("hex"),
    personKey: (contact) => createHmac("sha256", person).update(contact).digest("hex").slice(0, 32),
  };
}

const mappedIpv4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** One spelling per address: an IPv4 address mapped into IPv6 becomes IPv4, IPv6 its shortest lower-case form. */
function normaliseAddress(address: string): string {
  const text = address.trim().toLowerCase();
  if (!text.includes(":")) return text;
  const ipv6 = URL.parse(`http://[${text}]`)?.hostname.slice(1, -1) ?? text;
  const [, high, low] = mappedIpv4.exec(ipv6) ?? [];
  if (!high || !low) return ipv6;
  return [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff]).join(".");
}
