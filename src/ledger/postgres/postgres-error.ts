import { LedgerUnavailable } from "../../model/errors.ts";

type Trouble = {
  cause: string;
  cure: string;
  /** The connection is of no use any more: a next one may be. */
  drop?: true;
  /** The database itself is gone: there is no sense in asking it again at once. */
  gone?: true;
};

const cures = {
  wait: "Try again in a moment.",
  reach: "See that Postgres runs and can be reached from here; the ledger goes on by itself.",
  address: "Check DATABASE_URL.",
  permit: "Give the user of DATABASE_URL the rights it needs.",
  space: "Free some space on the database machine; the ledger goes on by itself.",
  connections: "Raise max_connections, lower the pool of each gateway, or put PgBouncer in between.",
  load: "See what keeps the database busy (pg_stat_activity); the ledger goes on by itself.",
  writable: "Point DATABASE_URL at the primary, or wait for the failover to end; the ledger goes on by itself.",
};
const lost: Trouble = { cause: "the connection to Postgres was lost", cure: cures.reach, drop: true, gone: true };

// SQLSTATE, per https://www.postgresql.org/docs/18/errcodes-appendix.html (read 2026-11).
const byState: Record<string, Trouble> = {
  "25006": { cause: "Postgres takes no writes (it is a standby, or read-only)", cure: cures.writable, drop: true },
  "25P03": { cause: "a transaction stood still for too long", cure: cures.load, drop: true },
  "28000": { cause: "Postgres does not let this user in", cure: cures.address, drop: true, gone: true },
  "28P01": { cause: "Postgres refused the password", cure: cures.address, drop: true, gone: true },
  "3D000": { cause: "there is no such database", cure: cures.address, drop: true, gone: true },
  "42501": { cause: "this user may not do that", cure: cures.permit },
  "53100": { cause: "the disk of the database machine is full", cure: cures.space },
  "53200": { cause: "Postgres is out of memory", cure: cures.load },
  "53300": { cause: "Postgres has too many connections", cure: cures.connections, drop: true, gone: true },
  "55P03": { cause: "a lock was not to be had in time", cure: cures.load },
  "57014": { cause: "a statement took too long", cure: cures.load },
  "57P01": { cause: "Postgres is being shut down", cure: cures.reach, drop: true, gone: true },
  "57P02": { cause: "Postgres has crashed", cure: cures.reach, drop: true, gone: true },
  "57P03": { cause: "Postgres is starting up", cure: cures.wait, drop: true, gone: true },
  "57P05": { cause: "the session stood still for too long", cure: cures.wait, drop: true },
  "58030": { cause: "the disk of the database machine reported an error", cure: cures.reach, drop: true },
  "42P01": { cause: "a table of the ledger is missing", cure: "Restore a backup, or use an empty schema." },
};
const byCode: Record<string, Trouble> = {
  ENOTFOUND: { cause: "its host name is not known", cure: cures.address, drop: true, gone: true },
  EAI_AGAIN: { cause: "its host name could not be looked up", cure: cures.reach, drop: true, gone: true },
};
const noFreeConnection: Trouble = { cause: "no connection became free in time", cure: cures.load };
const noAnswer: Trouble = { cause: "Postgres does not answer", cure: cures.reach, drop: true, gone: true };

/** The trouble with the place; null when it is our statement that is wrong. */
export function troubleOf(error: unknown): Trouble | null {
  if (!(error instanceof Error)) return null;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (byState[code]) return byState[code];
  // Class 08: connection exceptions. Class 58: trouble of the system outside Postgres.
  if (/^(?:08|58)...$/.test(code)) return lost;
  if (byCode[code]) return byCode[code];
  if (/^E[A-Z]+$/.test(code) && "syscall" in error) return lost;
  // These have no code: pg and pg-pool say them in words (lib/client.js and index.js of their versions 8.23 and 3.14).
  if (/timeout exceeded when trying to connect/.test(error.message)) return noFreeConnection;
  if (/Query read timeout|connection timeout|timeout expired/i.test(error.message)) return noAnswer;
  if (
    /Connection terminated|Client has encountered a connection error|not queryable|client was closed/i.test(
      error.message,
    )
  ) {
    return lost;
  }
  return null;
}

/** The connection is gone, as a connection that was idle may be without any trouble of the database. */
export function isLost(error: unknown): boolean {
  const trouble = troubleOf(error);
  return trouble === lost || trouble === byState["57P01"] || trouble === byState["57P05"];
}

/** The error as `LedgerUnavailable` when Postgres's trouble is the place and not our statement; otherwise as it is. */
export function asUnavailable(error: unknown, place: string): unknown {
  const trouble = troubleOf(error);
  if (!trouble) return error;
  return new LedgerUnavailable(`The ledger at ${place} cannot be used: ${trouble.cause}. ${trouble.cure}`, {
    cause: error,
  });
}

/** Says that a transaction, begun anew, may come to another end. */
export class TryAgain extends Error {}

/** Another transaction was in the way: serialization, deadlock, or a person claimed elsewhere at the same moment. */
export function isCollision(error: unknown): boolean {
  if (error instanceof TryAgain) return true;
  const code = codeOf(error);
  if (code === "40001" || code === "40P01") return true;
  return (
    code === "23505" && error instanceof Error && "constraint" in error && error.constraint === "deliveries_under_way"
  );
}

/** The connection does not know a prepared statement it should, or knows it already: a pooler that does not follow them. */
export function isUnprepared(error: unknown): boolean {
  return codeOf(error) === "26000" || codeOf(error) === "42P05";
}

/** A prepared statement that another program's migration has overtaken. A new connection has none. */
export function isStale(error: unknown): boolean {
  return codeOf(error) === "0A000" && error instanceof Error && error.message.includes("cached plan");
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
