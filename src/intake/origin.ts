import type { IntakeRequest } from "./intake-request.ts";

/** Whether a page may post, and the CORS headers that let it read the reply. */
type OriginVerdict = { allowed: boolean; headers: Record<string, string> };

const visibleAscii = /^[\x21-\x7e]{1,512}$/;

/** True when pages of this origin belong to the form: it is listed, or is the origin the request was addressed to. */
export function isOwnOrigin(origin: string, origins: readonly string[], request: IntakeRequest): boolean {
  return origins.includes(origin) || origin === request.origin;
}

/**
 * Judges where a post comes from, by exact comparison only. An empty list allows any origin. Browsers may leave `Origin`
 * out or say `null`; then `Sec-Fetch-Site`, which pages cannot set, decides. Without either it is not a browser. It also
 * vouches for the gateway's own pages, whose `Origin` a proxy in front makes look foreign when `PUBLIC_URL` is not set.
 */
export function judgeOrigin(origins: readonly string[], request: IntakeRequest): OriginVerdict {
  const origin = request.header("origin");
  const site = request.header("sec-fetch-site");
  if (origins.length === 0) return allow(origin);
  if (origin !== null && origin !== "null") {
    const isOwn = site === "same-origin" || isOwnOrigin(origin, origins, request);
    return isOwn ? allow(origin) : { allowed: false, headers: {} };
  }
  return { allowed: site !== "cross-site" && site !== "same-site", headers: {} };
}

function allow(origin: string | null): OriginVerdict {
  const headers =
    origin !== null && visibleAscii.test(origin) ? { "access-control-allow-origin": origin, vary: "Origin" } : {};
  return { allowed: true, headers: headers as Record<string, string> };
}
