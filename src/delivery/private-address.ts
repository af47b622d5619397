import ipaddr from "ipaddr.js";

/**
 * True for addresses a destination may not have unless private networks are allowed: everything but public unicast,
 * so loopback, private, link-local, metadata, carrier NAT and IPv4 wrapped into IPv6 (mapped, NAT64, 6to4, Teredo).
 */
export function isPrivateAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return true;
  return ipaddr.process(address).range() !== "unicast";
}
