/** Where mail is handed over, and how to sign in there. */
export type SmtpServer = {
  host: string;
  port: number;
  tls: SmtpTls;
  credentials: { user: string; pass: string } | null;
};

/**
 * `first`: from the first byte. `required`: by STARTTLS, else nothing is sent, so that no one on the way can strip it off and read
 * the password. `offered`: by STARTTLS when the server offers it. `off`: never.
 */
export type SmtpTls = "first" | "required" | "offered" | "off";

/**
 * Reads `smtp://user:password@host:587` or `smtps://…:465`; null when it is not one. The one setting it may carry is `?tls=off`,
 * for a server inside one's own network that speaks no TLS or has a certificate nobody can check.
 */
export function parseSmtpUrl(text: string): SmtpServer | null {
  if (!URL.canParse(text)) return null;
  const { protocol, hostname, port, username, password, searchParams } = new URL(text);
  const secure = protocol === "smtps:";
  const off = searchParams.get("tls") === "off";
  const known = searchParams.size === (off ? 1 : 0);
  const user = decoded(username);
  const pass = decoded(password);
  if (!(secure || protocol === "smtp:") || !hostname || !known || user === null || pass === null) return null;
  const host = hostname.replace(/^\[|\]$/g, "");
  const credentials = user === "" ? null : { user, pass };
  const exposed = credentials !== null && !isThisMachine(host);
  return {
    host,
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    tls: secure ? "first" : off ? "off" : exposed ? "required" : "offered",
    credentials,
  };
}

function isThisMachine(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d+){3}$/.test(host);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
