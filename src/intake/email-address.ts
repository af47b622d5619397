const longestAddress = 320;
// Invisible characters that copying from documents and chats leaves in an address.
const invisible = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]/g;
// What an address cannot hold unquoted (RFC 5321, section 4.1.2), and nothing that breaks a header or a list of addresses.
const impossible = /[\s\p{Cc}()<>[\]:;,\\"]/u;

/** An address in lower case, trimmed and without invisible characters; null when it is not plausibly one. */
export function normaliseEmail(text: string): string | null {
  const address = text.replace(invisible, "").trim().normalize("NFC").toLowerCase();
  if (address.length > longestAddress || impossible.test(address)) return null;
  const [local, domain, ...more] = address.split("@");
  if (!local || !domain || more.length > 0) return null;
  const labels = domain.split(".");
  return labels.length > 1 && labels.every((label) => label !== "") ? address : null;
}
