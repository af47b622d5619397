/**
 * The visitor's address: the socket's, unless `trustProxy` proxies stand in front. Then it is that many entries from the
 * right of X-Forwarded-For; entries further left are what the visitor claims, and are not believed.
 */
export function visitorAddress(
  socketAddress: string | undefined,
  forwardedFor: string | null,
  trustProxy: number,
): string | null {
  if (trustProxy > 0 && forwardedFor) {
    const hops = forwardedFor.split(",").map((hop) => hop.trim());
    const hop = hops[Math.max(0, hops.length - trustProxy)];
    if (hop) return hop;
  }
  return socketAddress ?? null;
}
