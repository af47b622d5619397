/** Addresses that are nobody's in particular: this machine's own and those of private networks (RFC 1918, 4193, 3927). */
const unshared = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd][0-9a-f]{2}:|fe80:)/;

/**
 * What rates are counted under: the address, of IPv6 the /64 one customer has. Null for private addresses while no proxy is
 * trusted: then everybody may come through one that was not told of, and an office's own machines are no flood.
 */
export function senderOf(address: string | null, trustsProxy: boolean): string | null {
  if (address === null) return null;
  const lower = address.trim().toLowerCase();
  const plain = lower.startsWith("::ffff:") && lower.includes(".") ? lower.slice(7) : lower;
  if (!trustsProxy && (unshared.test(plain) || plain === "localhost")) return null;
  if (!plain.includes(":") || plain.includes(".")) return plain;
  const full =
    URL.parse(`http://[${plain.replace(/%.*$/, "").replace(/^\[|\](?::\d+)?$/g, "")}]`)?.hostname.slice(1, -1) ?? plain;
  const [head = "", tail] = full.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill("0"), ...after].slice(0, 4).join(":");
}
