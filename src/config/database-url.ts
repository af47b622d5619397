/**
 * What is wrong with the address of a database, in words that do not quote it (it holds a password); null when nothing is. The
 * schemes are those of https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS (read 2026-11).
 */
export function databaseUrlProblem(text: string): string | null {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && !["postgres", "postgresql"].includes(scheme)) {
    return foreign.has(scheme)
      ? `names a database this program does not speak to (${scheme}); it speaks to Postgres`
      : "is not the address of a Postgres database";
  }
  // A host may come as a parameter instead (a socket's folder); between "@" and "/" a URL cannot be without one.
  const parseable = text.replace(/@(?=\/)/, `@${noHost}`);
  if (scheme === undefined || !URL.canParse(parseable)) return "is not the address of a Postgres database";
  const url = new URL(parseable);
  if (!isEncoded(url.username) || !isEncoded(url.password)) return "has a stray % in its user or password";
  if (url.hash) return "has a # that is not URL-encoded as %23";
  if (["", noHost].includes(url.hostname) && !url.searchParams.has("host")) return "names no host";
  if (url.pathname.length < 2) return "names no database";
  return null;
}

const noHost = "no-host";
/** Schemes people have at hand, and which are no secret. */
const foreign = new Set([
  "mysql",
  "mariadb",
  "mongodb",
  "sqlite",
  "file",
  "sqlserver",
  "mssql",
  "http",
  "https",
  "redis",
]);

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}
