/**
 * Headers every answer has unless it says otherwise: not kept by anybody, not sniffed, nothing loaded, not framed, and its address told to
 * nobody else. Not `no-referrer`: by it browsers would post the form that corrects a submission with `Origin: null`.
 */
export function standingHeaders(publicUrl: string | null): Readonly<Record<string, string>> {
  return {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    // Other names of the same domain are not ours to decide about.
    ...(publicUrl?.startsWith("https:") ? { "strict-transport-security": "max-age=31536000" } : {}),
  };
}

/** In front of all but submissions, whose answers lead on to pages of other sites. */
export const documentHeaders: Readonly<Record<string, string>> = { "cross-origin-opener-policy": "same-origin" };
