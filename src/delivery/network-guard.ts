import { lookup as dnsLookup, type LookupAddress, type LookupOptions } from "node:dns";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { NetworkError } from "../model/network-error.ts";
import { isBadPort } from "./bad-ports.ts";
import { isPrivateAddress } from "./private-address.ts";

/** Looks a name up, as `dns.lookup` does. */
export type Lookup = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type LookupCallback = (error: Error | null, address: string | LookupAddress[], family?: number) => void;

/** Decides whom destinations may connect to. */
export type NetworkGuard = {
  /** Null when a connection may be tried; names are still to be looked up, by `lookup`. Both as a parsed address has them. */
  refuse(hostname: string, port: string): NetworkError | null;
  /** A look-up for `net.connect` that answers allowed addresses only: what was checked is what is connected to. */
  lookup(hostname: string, options: LookupOptions, callback: LookupCallback): void;
};

/** `allowHosts`: names, addresses and ranges that are fine although they are private. */
export function createNetworkGuard(allowHosts: readonly string[], lookup: Lookup = dnsLookup): NetworkGuard {
  const names = new Set(allowHosts.map(bare));
  const ranges = allowHosts.flatMap((one) => rangeOf(one) ?? []);
  const isAllowed = (address: string): boolean => !isPrivateAddress(address) || isWithin(ranges, address);

  return {
    refuse(hostname, port) {
      const host = bare(hostname);
      if (isIP(host) !== 0 && !isAllowed(host)) return privateAddress();
      return isBadPort(port) ? badPort(port) : null;
    },
    lookup(hostname, options, callback) {
      lookup(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const fine = names.has(bare(hostname)) ? addresses : addresses.filter(({ address }) => isAllowed(address));
        const [first] = fine;
        if (!first) return callback(privateAddress(), []);
        if (options.all) callback(null, fine);
        else callback(null, first.address, first.family);
      });
    },
  };
}

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Null for a name. A single address is a range of one. */
function rangeOf(text: string): [Range] | null {
  const host = bare(text);
  if (ipaddr.isValidCIDR(host)) return [ipaddr.parseCIDR(host)];
  if (isIP(host) === 0) return null;
  const address = ipaddr.process(host);
  return [[address, address.kind() === "ipv4" ? 32 : 128]];
}

function isWithin(ranges: readonly Range[], text: string): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return ranges.some(([base, bits]) => address.kind() === base.kind() && address.match(base, bits));
}

/** Without the brackets of an IPv6 address and the dot that may end a name. */
function bare(host: string): string {
  return host
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "")
    .toLowerCase();
}

function privateAddress(): NetworkError {
  const message =
    "the address is private; name it in LEADKEEP_ALLOW_HOSTS, or set LEADKEEP_ALLOW_PRIVATE_NETWORK=1, to allow it";
  return new NetworkError("private_address", message, false);
}

function badPort(port: string): NetworkError {
  return new NetworkError("bad_port", `port ${port} belongs to another protocol than HTTP`, false);
}
