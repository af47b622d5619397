import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import pg, { type PoolClient } from "pg";
import { LedgerUnavailable } from "../../model/errors.ts";
import type { MasterKeys } from "../sealing/master-keys.ts";
import { createAvailability } from "./availability.ts";
import { asUnavailable, isCollision, isLost, isStale, isUnprepared, troubleOf } from "./postgres-error.ts";
import { createSlots } from "./slots.ts";
import { createSums, type Sums } from "./sums.ts";

export type DatabaseOptions = {
  /** `postgres://user:password@host:port/database`. */
  url: string;
  /** The schema all tables are in. */
  schema: string;
  /** Connections this process holds at most. @default 10 */
  poolSize?: number;
  /** How long to wait for a connection, new or free. @default 2_000 */
  connectMs?: number;
  /** How long a statement or a lock may take, except in long work. @default 5_000 */
  statementMs?: number;
  /** False for a PgBouncer before 1.21 in transaction mode. It is also found out when the first statement fails. @default true */
  preparedStatements?: boolean;
  /** By which the data keys of leads are wrapped. @default null: nothing is sealed */
  masterKeys?: MasterKeys | null;
};

/** Where data keys are, and what opens them. */
export type SealedPlace = { masters: MasterKeys; keySchema: string };

/** What runs inside one transaction, on one connection. */
export type Transaction = {
  /** Runs a statement whose text is always the same; values are given apart from it. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The same for a text made for the occasion. */
  queryOnce<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** Resolves to how many rows the statement changed. */
  change(text: string, values?: readonly unknown[]): Promise<number>;
  /** Runs a statement whose answer nobody needs: what follows it, the commit too, is sent at once. Should it fail, all of it fails. */
  send(text: string, values?: readonly unknown[]): void;
  /** What is to be added to sums before the commit. */
  sums: Sums;
  /** Null: nothing is sealed here. */
  sealed: SealedPlace | null;
};

type Work<T> = (tx: Transaction) => Promise<T>;
/**
 * `long`: work that reads or writes much; not more than half of the connections are given to it at a time. `limitMs`: how long a
 * statement of it may take. @default a minute
 */
export type HowLong = { long?: boolean; limitMs?: number };
type Query = { text: string; values?: unknown[]; name?: string; query_timeout?: number };
type Ask = (query: Query) => Promise<pg.QueryResult>;
type Sent = ReturnType<typeof createSent>;

/** A commit that was sent and not answered: nobody knows whether it was done. */
export class CommitUnknown extends LedgerUnavailable {}

/**
 * Short work finds each of its rows by an index, always. Else a statement planned while the tables were empty, or with
 * statistics of that time, would go on reading them from end to end until they are analyzed.
 */
export const byIndex = ["seqscan", "hashjoin", "mergejoin"].map((way) => `SET LOCAL enable_${way} TO off`);
const longMs = 60_000;
/** For what rewrites whole tables. */
export const veryLongMs = 3_600_000;
/** Beyond the server's own limit: only a server or network that is silent altogether gets there. */
const silenceMs = 2_000;
/** A transaction that stands still (its process is frozen) lets go of its locks after this. */
const standstillMs = 5_000;
/** A transaction is begun anew so many times in a row only when something is wrong. */
const mostTries = 12;
const int8 = 20;
const numeric = 1700;

/**
 * A pool of connections and the transactions on them. Every setting is made inside a transaction and ends with it, so that a
 * PgBouncer in transaction mode may lie in between. Trouble of the place becomes `LedgerUnavailable`; while the database is
 * gone nobody waits for it.
 */
export function connectDatabase(options: DatabaseOptions) {
  const { url, schema, poolSize = 10, connectMs = 2_000, statementMs = 5_000, masterKeys = null } = options;
  const sealed = masterKeys && { masters: masterKeys, keySchema: `${schema}_keys` };
  const place = placeOf(url);
  let prepares = options.preparedStatements ?? true;
  let closed: Promise<void> | null = null;
  const availability = createAvailability(() => performance.now());
  const inLongSlot = createSlots(Math.max(1, Math.floor(poolSize / 2)));
  const underWay = new Set<Promise<unknown>>();
  const names = new Map<string, string>();
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: connectMs,
    application_name: "leadkeep",
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    pipeline: true,
    types: { getTypeParser: numbersAsNumbers },
  });
  const clients = new Set<PoolClient>();
  const inUse = new Set<PoolClient>();
  const usedBefore = new WeakSet<PoolClient>();
  // A connection may break while nobody uses it, or between two statements: whoever uses it next hears of it.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    clients.add(client);
    client.on("error", () => {});
  });
  pool.on("remove", (client) => clients.delete(client));

  /** Reads and writes; what it wrote is on disk when it resolves. Done anew when another transaction was in the way. */
  function write<T>(work: Work<T>, how: HowLong = {}): Promise<T> {
    return transact("READ COMMITTED", work, how);
  }

  /** Reads everything as it was at one moment. */
  function read<T>(work: Work<T>, how: HowLong = {}): Promise<T> {
    return transact("REPEATABLE READ READ ONLY", work, how);
  }

  function transact<T>(mode: string, work: Work<T>, { long = false, limitMs = long ? longMs : statementMs }: HowLong) {
    const plans = long ? [] : byIndex;
    const begin = [`BEGIN ISOLATION LEVEL ${mode}`, settings(limitMs), ...plans].join("; ");
    const once = () => onConnection((client) => inTransaction(client, work, limitMs), begin);
    return counted(() => (long ? inLongSlot(() => repeat(once)) : repeat(once)));
  }

  /**
   * Runs one statement and its settings as one message: a process frozen in between holds no lock. A look that fails because an
   * idle connection had broken is done once more.
   */
  function run(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult<Record<string, unknown>>> {
    const message = {
      text: [settings(statementMs), ...byIndex, inlined(text, values)].join("; "),
      query_timeout: statementMs + silenceMs,
    };
    const once = () =>
      onConnection(async (client) => {
        const results = (await client.query(message as Query)) as unknown;
        return (results as pg.QueryResult[]).at(-1) as pg.QueryResult<Record<string, unknown>>;
      });
    return counted(() =>
      once().catch((error) => {
        if (text.startsWith("SELECT") && error instanceof LedgerUnavailable && isLost(error.cause)) return once();
        throw error;
      }),
    );
  }

  /** Runs a statement that may not be in a transaction, such as VACUUM; it has to name the schema itself. */
  function runAlone(text: string): Promise<void> {
    return counted(() =>
      inLongSlot(() =>
        onConnection(async (client) => void (await client.query({ text, query_timeout: veryLongMs } as Query))),
      ),
    );
  }

  /** Runs another program's statements as it has written them, with its own BEGIN and COMMIT in the text when it wants them. */
  function runAsIs(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult> {
    const query: Query = { text, query_timeout: longMs, ...(values.length > 0 ? { values: [...values] } : {}) };
    const once = async (client: PoolClient) => {
      try {
        return await client.query(query);
      } catch (error) {
        // It may have failed in the middle of a transaction of its own.
        if (!troubleOf(error)?.drop) await rollback(client);
        throw error;
      }
    };
    return counted(() => onConnection(once));
  }

  function settings(limitMs: number): string {
    return [
      `SET LOCAL search_path TO ${pg.escapeIdentifier(schema)}`,
      "SET LOCAL synchronous_commit TO on",
      `SET LOCAL statement_timeout TO ${limitMs}`,
      `SET LOCAL lock_timeout TO ${limitMs}`,
      `SET LOCAL idle_in_transaction_session_timeout TO ${standstillMs}`,
    ].join("; ");
  }

  async function counted<T>(work: () => Promise<T>): Promise<T> {
    if (closed) throw new LedgerUnavailable(`The ledger at ${place} is closed.`);
    const running = work();
    const settled = running.catch(() => {});
    underWay.add(settled);
    settled.finally(() => underWay.delete(settled));
    return running;
  }

  async function repeat<T>(once: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await once();
      } catch (error) {
        if (isUnprepared(error) && prepares) prepares = false;
        else if (!isCollision(error) && !isStale(error)) throw error;
        if (tries === mostTries) {
          throw new LedgerUnavailable(`The ledger at ${place} is busy: others were faster ${mostTries} times.`, {
            cause: error,
          });
        }
        await wait(tries * 5);
      }
    }
  }

  async function onConnection<T>(work: (client: PoolClient) => Promise<T>, begin?: string): Promise<T> {
    availability.check();
    let client: PoolClient | null = null;
    let reused = false;
    let broken = false;
    try {
      ({ client, reused } = await connected(begin));
      const result = await work(client);
      availability.succeeded();
      return result;
    } catch (error) {
      const cause = error instanceof CommitUnknown ? error.cause : error;
      const trouble = troubleOf(cause);
      broken = trouble?.drop === true || isStale(error) || isUnprepared(error);
      const known = asUnavailable(error, place);
      // Where one connection is broken the others are likely to be.
      if (trouble?.gone) dropIdle();
      // An old connection that broke says nothing yet about whether a new one can be made.
      if (trouble?.gone && known instanceof LedgerUnavailable && !(reused && isLost(cause))) availability.failed(known);
      else if (client) availability.succeeded();
      throw known;
    } finally {
      if (client) letGo(client, broken);
    }
  }

  /** A connection, in a transaction when it is to be begun. One that broke unnoticed while it was idle is passed over. */
  async function connected(begin?: string): Promise<{ client: PoolClient; reused: boolean }> {
    for (;;) {
      const client = await pool.connect();
      const reused = usedBefore.has(client);
      usedBefore.add(client);
      inUse.add(client);
      try {
        // A connection that was cut without a word is found out here, and soon.
        if (begin) await client.query({ text: begin, query_timeout: silenceMs } as Query);
        return { client, reused };
      } catch (error) {
        letGo(client, true);
        if (!reused || !isLost(error)) throw error;
      }
    }
  }

  function letGo(client: PoolClient, broken: boolean): void {
    inUse.delete(client);
    client.release(broken);
  }

  /** Those in use find out by themselves. */
  function dropIdle(): void {
    for (const client of clients) if (!inUse.has(client)) destroy(client);
  }

  async function inTransaction<T>(client: PoolClient, work: Work<T>, limitMs: number): Promise<T> {
    const ask = (query: Query) => client.query({ ...query, query_timeout: limitMs + silenceMs } as Query);
    const sent = createSent();
    const tx = transactionOn(ask, (query) => {
      corkedForNow(client);
      sent.add(ask(query));
    });
    let result: T;
    try {
      result = await work(tx);
      tx.sums.write(tx);
    } catch (thrown) {
      // What comes after a statement that has failed fails for no reason of its own.
      const error = (await sent.failure()) ?? thrown;
      // Not when nothing comes back any more: it would only be waited for once more.
      if (!troubleOf(error)?.drop) await rollback(client);
      throw error;
    }
    await commit(ask, sent);
    return result;
  }

  async function rollback(client: PoolClient): Promise<void> {
    await client.query({ text: "ROLLBACK", query_timeout: silenceMs } as Query).catch(() => destroy(client));
  }

  /** Closes the connections; those that do not say good-bye are cut. */
  async function end(): Promise<void> {
    const ended = pool.end();
    const patience = new AbortController();
    await Promise.race([ended, wait(silenceMs, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    for (const client of clients) destroy(client);
    await ended;
  }

  async function commit(ask: Ask, sent: Sent): Promise<void> {
    let answer: pg.QueryResult;
    try {
      answer = await ask({ text: "COMMIT" });
    } catch (cause) {
      const failure = await sent.failure();
      // Of what comes after a statement that Postgres has refused, it does nothing.
      if (failure instanceof pg.DatabaseError) throw failure;
      if (!troubleOf(cause)?.drop) throw cause;
      throw new CommitUnknown(
        `The connection to the ledger at ${place} was lost in the middle of a commit: it may have been done or not.`,
        { cause },
      );
    }
    if (answer.command === "COMMIT") return;
    throw (await sent.failure()) ?? new Error("a transaction that had failed was to be committed");
  }

  function transactionOn(ask: Ask, send: (query: Query) => void): Transaction {
    const prepared = (text: string, values: readonly unknown[] = []): Query => ({
      text,
      values: [...values],
      ...(prepares ? { name: nameOf(text) } : {}),
    });
    return {
      query: async <Row>(text: string, values?: readonly unknown[]) =>
        (await ask(prepared(text, values))).rows as Row[],
      queryOnce: async <Row>(text: string, values: readonly unknown[] = []) =>
        (await ask({ text, values: [...values] })).rows as Row[],
      change: async (text, values) => (await ask(prepared(text, values))).rowCount ?? 0,
      send: (text, values) => send(prepared(text, values)),
      sums: createSums(),
      sealed,
    };
  }

  /**
   * A name says which text it is of, for whoever hears it: behind a pooler that does not follow prepared statements another process
   * may have used the connection before, and what runs must never be its statement under our name.
   */
  function nameOf(text: string): string {
    const name = names.get(text) ?? `leadkeep_${createHash("sha256").update(text).digest("base64url")}`;
    names.set(text, name);
    return name;
  }

  return {
    place,
    schema,
    isSealed: sealed !== null,
    write,
    read,
    run,
    runAlone,
    runAsIs,
    /** Turns new work away, and resolves when what was begun has ended and all connections are closed. */
    close(): Promise<void> {
      closed ??= Promise.all(underWay).then(end);
      return closed;
    },
  };
}

export type Database = ReturnType<typeof connectDatabase>;

/** What becomes of statements nobody waits for. */
function createSent() {
  const answers: Promise<void>[] = [];
  let first: unknown = null;
  return {
    add(answer: Promise<unknown>): void {
      answers.push(
        answer.then(
          () => {},
          (error) => {
            first ??= error;
          },
        ),
      );
    },
    /** The error of the first one that failed; null when none has. */
    async failure(): Promise<unknown> {
      await Promise.all(answers);
      return first;
    },
  };
}

/** What is written until everything that can go on now has done so leaves as one. */
function corkedForNow(client: PoolClient): void {
  const stream = socketOf(client);
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

function socketOf(client: PoolClient): Socket {
  return (client as unknown as { connection: { stream: Socket } }).connection.stream;
}

/** Without a good-bye, which a network that is silent would not let through. As pg-pool does it when it cannot connect. */
function destroy(client: PoolClient): void {
  socketOf(client).destroy();
}

/** Where the ledger is, without user and password; for messages. */
function placeOf(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `postgres://${hostname}${port && `:${port}`}${pathname}`;
  } catch {
    return "DATABASE_URL";
  }
}

/** bigint and numeric come as text: they may be larger than a number can tell. Ours are not. */
const numbersAsNumbers: typeof pg.types.getTypeParser = ((oid: number, format?: "text") =>
  oid === int8 || oid === numeric ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser;

/** The statement with its values in it, each as a quoted literal. */
function inlined(text: string, values: readonly unknown[]): string {
  return text.replace(/\$(\d+)/g, (_, n) => {
    const value = values[Number(n) - 1];
    return value === null || value === undefined ? "NULL" : pg.escapeLiteral(String(value));
  });
}
