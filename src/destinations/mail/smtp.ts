import type { Socket } from "node:net";
import type { Transporter } from "nodemailer";
import type { Outcome } from "../../model/outcome.ts";
import type { Mailbox } from "./address.ts";
import { connectBounded } from "./bounded-socket.ts";
import type { MailContent } from "./document.ts";
import { outcomeOfSmtpError, type SmtpError } from "./smtp-outcome.ts";
import type { SmtpServer } from "./smtp-url.ts";

/** A mail with everything its headers need. */
export type OutgoingMail = {
  /** With its angle brackets; the same on every attempt. */
  messageId: string;
  from: Mailbox;
  to: readonly Mailbox[];
  /** Whom of `to` it still has to reach. */
  recipients: readonly string[];
  replyTo: Mailbox | null;
  date: Date;
  headers: Readonly<Record<string, string>>;
  content: MailContent;
};

/** What a hand-over came to: `refused` are recipients the server did not take while it took others. */
export type HandOver =
  | { type: "taken"; refused: readonly { address: string; outcome: Outcome }[] }
  | { type: "failed"; outcome: Outcome };

/** Connections of one destination at once; its lane is as wide. */
export const connections = 4;
/** Shorter than any server's patience, so that no mail meets a connection the server is about to close. */
const idleMs = 30_000;
/**
 * Longest a hand-over may take. Servers that look into a mail before they take it may be slow (RFC 5321 §4.5.3.2.6 grants them
 * ten minutes), and giving up early means sending it again.
 */
export const attemptMs = 60_000;

const pools = new WeakMap<SmtpServer, Promise<Transporter>>();
const fullySent = new WeakSet<object>();

/** Hands a mail over to the server. Never rejects for what a network or a server does. */
export async function handOver(mail: OutgoingMail, server: SmtpServer, signal: AbortSignal): Promise<HandOver> {
  const pool = await poolOf(server);
  const tracked = { ...mail.headers };
  try {
    const { rejected, rejectedErrors } = await pool.sendMail({
      messageId: mail.messageId,
      date: mail.date,
      from: mail.from,
      to: [...mail.to],
      ...(mail.replyTo ? { replyTo: mail.replyTo } : {}),
      // Given by us, so that no header can ever add a recipient.
      envelope: { from: mail.from.address, to: [...mail.recipients] },
      subject: mail.content.subject,
      text: mail.content.text,
      html: mail.content.html,
      headers: tracked,
      signal,
    });
    return { type: "taken", refused: refusedOf(rejected ?? [], rejectedErrors ?? []) };
  } catch (error) {
    return { type: "failed", outcome: outcomeOfSmtpError(smtpErrorOf(error), fullySent.has(tracked)) };
  }
}

/** Connects and signs in; null when that works. */
export async function tryServer(server: SmtpServer): Promise<Outcome | null> {
  const pool = await poolOf(server);
  try {
    await pool.verify();
    return null;
  } catch (error) {
    return outcomeOfSmtpError(smtpErrorOf(error), false);
  }
}

/** Closes what is open to a server. */
export async function closeServer(server: SmtpServer): Promise<void> {
  const pool = pools.get(server);
  pools.delete(server);
  (await pool)?.close();
}

function refusedOf(rejected: readonly unknown[], errors: readonly unknown[]): { address: string; outcome: Outcome }[] {
  return rejected.map((address, index) => ({
    address: String(address),
    outcome: outcomeOfSmtpError(smtpErrorOf(errors[index]), false),
  }));
}

function poolOf(server: SmtpServer): Promise<Transporter> {
  const open = pools.get(server) ?? openPool(server);
  pools.set(server, open);
  return open;
}

/** nodemailer takes a while to load, and is loaded by the first mail only. */
async function openPool({ host, port, tls, credentials }: SmtpServer): Promise<Transporter> {
  const { createTransport } = await import("nodemailer");
  const pool: Transporter = createTransport({
    pool: true,
    host,
    port,
    secure: tls === "first",
    requireTLS: tls === "required",
    ignoreTLS: tls === "off",
    ...(credentials ? { auth: credentials } : {}),
    maxConnections: connections,
    idleTimeout: idleMs,
    // A connection that breaks is the schedule's business.
    maxRequeues: 0,
    connectionTimeout: attemptMs,
    greetingTimeout: attemptMs,
    socketTimeout: attemptMs,
    dnsTimeout: attemptMs,
    // Behind TLS from the first byte nobody but the server itself answers.
    ...(tls === "first" ? {} : { getSocket: boundedTo({ host, port, timeoutMs: attemptMs }) }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  // Whether a mail may have arrived depends on whether all of it went out, which no error of nodemailer tells.
  pool.use("stream", ({ message, data }, done) => {
    const createReadStream = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = createReadStream(options);
      stream.once("end", () => fullySent.add(data.headers as object));
      return stream;
    };
    done();
  });
  return pool;
}

type Done = (error: Error | null, given?: { connection: Socket }) => void;

function boundedTo(place: Parameters<typeof connectBounded>[0]) {
  return (_: unknown, done: Done): void => {
    connectBounded(place).then(
      (connection) => done(null, { connection }),
      (error: Error) => done(error),
    );
  };
}

function smtpErrorOf(error: unknown): SmtpError {
  return typeof error === "object" && error !== null ? error : {};
}
