import ipaddr from "ipaddr.js";

/**
 * True for addresses a destination may not have unless private networks are allowed: everything but public unicast,
 * so loopback, private, link-local, metadata, carrier NAT and IPv4 wrapped into IPv6 (mapped, NAT64, 6to4, Teredo).
 */
export function isPrivateAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  const parsed = ipaddr.process(address);
  return parsed.range() !== "unicast" || (parsed.kind() === "ipv6" && !parsed.match(globalUnicast));
}

/** All that is handed out, per https://www.iana.org/assignments/ipv6-address-space (read 2026-11). Below it lies `::a.b.c.d`, IPv4 again. */
const globalUnicast = ipaddr.IPv6.parseCIDR("2000::/3");
