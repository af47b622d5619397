import { createHmac, createSecretKey } from "node:crypto";
import { derivedKey } from "./keyed-hash.ts";

export type AddressHashing = {
  secret: string;
  /**
   * `daily`: under a random key that is destroyed when its day is over, so that nobody can find the address or tell the same
   * visitor on another day, not even with the secret. `stable`: under a key derived from the secret, for good. `none`: not at all.
   */
  under: "daily" | "stable" | "none";
  /** Whether only the network is hashed: the first 24 bits of IPv4, 48 of IPv6. */
  truncate: boolean;
  /** The random key of today, and the id that names the day. */
  today(): { id: string; key: string };
};

/**
 * Makes the hash of visitors' network addresses, `hmac-sha256:<key id>:<hex>`: the same however the address is written. It
 * answers null when there is to be none.
 */
export function createAddressHash({
  secret,
  under,
  truncate,
  today,
}: AddressHashing): (address: string) => string | null {
  // Key objects, not bytes: Node takes several times as long to look what kind of key bytes are.
  const longLived = createSecretKey(derivedKey(secret, "address"));
  const longLivedId = derivedKey(secret, "key id").toString("hex", 0, 4);
  let known = { day: { id: "", key: "" }, key: longLived };
  const textOf = truncate ? networkOf : normaliseAddress;

  function keyOf(random: string) {
    return createSecretKey(createHmac("sha256", longLived).update(random).digest());
  }

  /** The secret has a part in it, so that a day's key file alone is no use either. */
  function hashOfToday(text: string): string {
    const day = today();
    if (day !== known.day) known = { day, key: keyOf(day.key) };
    return `hmac-sha256:${day.id}:${createHmac("sha256", known.key).update(text).digest("hex")}`;
  }

  switch (under) {
    case "daily":
      return (address) => hashOfToday(textOf(address));
    case "stable":
      return (address) =>
        `hmac-sha256:${longLivedId}:${createHmac("sha256", longLived).update(textOf(address)).digest("hex")}`;
    case "none":
      return () => null;
  }
}

const mappedIpv4 = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;
/** Some proxies add the port; IPv6 then stands in brackets. */
const withPort = /^(?:\[([0-9a-f:.]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):\d{1,5}$/;

/** One spelling per address: an IPv4 address mapped into IPv6 becomes IPv4, IPv6 its shortest lower-case form. */
function normaliseAddress(address: string): string {
  const trimmed = address.trim().toLowerCase();
  const [, ipv6WithPort, ipv4WithPort] = withPort.exec(trimmed) ?? [];
  const text = ipv6WithPort ?? ipv4WithPort ?? trimmed;
  if (!text.includes(":")) return text;
  const ipv6 = URL.parse(`http://[${text.replace(/%.*$/, "")}]`)?.hostname.slice(1, -1) ?? text;
  const [, high, low] = mappedIpv4.exec(ipv6) ?? [];
  if (!high || !low) return ipv6;
  return [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff]).join(".");
}

/** The network an address is in; what is no address stays as it is. */
function networkOf(address: string): string {
  const normalised = normaliseAddress(address);
  const ipv4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(normalised);
  if (ipv4) return `${ipv4[1]}.0/24`;
  if (!/^[0-9a-f:]+$/.test(normalised) || !normalised.includes(":")) return normalised;
  const [before = "", after] = normalised.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after ? after.split(":") : [];
  const zeros = after === undefined ? 0 : 8 - head.length - tail.length;
  return `${[...head, ...Array<string>(zeros).fill("0"), ...tail].slice(0, 3).join(":")}::/48`;
}
