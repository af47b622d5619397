import type { AddressInfo, Socket } from "node:net";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import * as z from "zod";
import { strike } from "../fault.ts";
import { problemOf } from "../open-vendor.ts";
import { type MailFault, type MailStep, mailFault } from "./mail-fault.ts";

/** The mail server's switches. */
const mailSettings = z.object({
  /** User and password it asks for; null to take anybody's mail. */
  credentials: z.strictObject({ user: z.string(), pass: z.string() }).nullable().default(null),
  /** Recipients it refuses for good (550), by their whole address. */
  unknownRecipients: z.array(z.string()).default([]),
  /** Longest mail taken, in bytes. */
  maxBytes: z.number().int().positive().default(10_000_000),
});
export type MailSettings = z.output<typeof mailSettings>;

/** A mail as the server got it. */
export type ReceivedMail = {
  /** Counts from 1. */
  n: number;
  /** Epoch milliseconds. */
  at: number;
  envelope: { from: string; to: string[] };
  /** Exactly as it came. */
  raw: string;
  mail: Email;
  /** Whether it lies in the inbox now. */
  applied: boolean;
  /** The code answered, or what the client saw in its stead. */
  answered: number | "hung" | "dropped";
  /** True when a mail with the same Message-ID was there already. */
  duplicate: boolean;
};

/** A fake mail server with an inbox. */
export type Mailbox = {
  /** What goes into the configuration of the gateway. */
  readonly url: string;
  /** Every mail that came to its last byte, in order, applied or not. */
  readonly received: readonly ReceivedMail[];
  /** Those it holds. */
  readonly inbox: readonly ReceivedMail[];
  readonly fault: MailFault | null;
  setFault(fault: MailFault | null): void;
  /** Its switches; assign to them. */
  readonly settings: MailSettings;
};

/** The mailbox with the doors only the sandbox uses. */
export type OpenMailbox = Mailbox & {
  /** Changes some switches. Null when done, else the first thing wrong. */
  configure(changes: Record<string, unknown>): string | null;
  reset(): void;
  close(): Promise<void>;
};

export type MailboxOptions = { port: number; host: string; random(): number; now(): number };

/** Starts the mail server, empty and without a fault. @throws when the port is taken */
export async function openMailbox({ port, host, random, now }: MailboxOptions): Promise<OpenMailbox> {
  const received: ReceivedMail[] = [];
  const settings = mailSettings.parse({});
  const sockets = new Set<Socket>();
  let fault: MailFault | null = null;

  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    // It speaks no TLS: a certificate of its own would be trusted by nobody.
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    hideENHANCEDSTATUSCODES: true,
    onConnect: (session, done) => meet("connect", session, done),
    onAuth: (auth, session, done) => {
      const { credentials } = settings;
      const known = !credentials || (auth.username === credentials.user && auth.password === credentials.pass);
      meet("auth", session, (error) => {
        if (error) done(error);
        else if (known) done(null, { user: auth.username ?? "anybody" });
        else done(reply(535, "5.7.8 Username and password not accepted"));
      });
    },
    onMailFrom: (_address, session, done) => {
      const stranger = settings.credentials !== null && !session.user;
      if (stranger) done(reply(530, "5.7.0 Authentication required"));
      else meet("mail", session, done);
    },
    onRcptTo: ({ address }, session, done) => {
      if (settings.unknownRecipients.includes(address)) done(reply(550, "5.1.1 No such user here"));
      else meet("rcpt", session, done);
    },
    // A client that gives up in the middle of a mail breaks the stream off; there is nobody left to answer then.
    onData: (stream, session, done) =>
      void take(stream, session, done).catch(() => done(reply(451, "4.3.0 Unreadable"))),
  });
  server.on("error", () => {
    // A client that resets its connection is no trouble of ours.
  });
  server.server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((listening, failed) => {
    server.server.once("error", failed);
    server.listen(port, host, () => listening());
  });
  const { port: taken } = server.server.address() as AddressInfo;

  /** Lets a step pass, or does what the fault says. Faults of another step stay for later. */
  function meet(at: MailStep, session: SMTPServerSession, done: (error?: Error | null) => void): void {
    const hit = hitAt(at);
    if (hit === null || hit.type === "latency") done();
    else if (hit.type === "reply") done(reply(hit.code, hit.text));
    else if (hit.type === "drop") drop(session);
  }

  function hitAt(at: MailStep): MailFault | null {
    const here = fault?.type === "latency" ? at === "data" : fault?.at === at;
    if (!here) return null;
    const { hit, remaining } = strike(fault, random);
    fault = remaining;
    return hit;
  }

  async function take(
    stream: SMTPServerDataStream,
    session: SMTPServerSession,
    done: (error?: Error | null, message?: string) => void,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const hit = hitAt("data");
    const tooLarge = raw.length > settings.maxBytes;
    const applied = !tooLarge && (hit === null || hit.type === "latency" || (hit.applied ?? false));
    const mail = await PostalMime.parse(raw);
    const { mailFrom, rcptTo } = session.envelope;
    received.push({
      n: received.length + 1,
      at: now(),
      envelope: { from: mailFrom ? mailFrom.address : "", to: rcptTo.map(({ address }) => address) },
      raw: raw.toString("latin1"),
      mail,
      applied,
      answered: tooLarge ? 552 : answeredOf(hit),
      duplicate: applied && received.some((earlier) => earlier.applied && earlier.mail.messageId === mail.messageId),
    });
    if (tooLarge) done(reply(552, "5.3.4 Message too large"));
    else if (hit === null) done(null, "2.0.0 Taken");
    else if (hit.type === "reply") done(reply(hit.code, hit.text));
    else if (hit.type === "drop") drop(session);
    else if (hit.type === "latency") setTimeout(() => done(null, "2.0.0 Taken"), hit.ms).unref();
  }

  function drop({ remotePort }: SMTPServerSession): void {
    for (const socket of sockets) if (socket.remotePort === remotePort) socket.resetAndDestroy();
  }

  return {
    url: `smtp://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    received,
    get inbox() {
      return received.filter(({ applied }) => applied);
    },
    settings,
    get fault() {
      return fault;
    },
    setFault(next) {
      fault = next === null ? null : mailFault.parse(next);
    },
    configure(changes) {
      const checked = mailSettings.strict().safeParse({ ...settings, ...changes });
      if (checked.success) Object.assign(settings, checked.data);
      return checked.success ? null : problemOf(checked.error);
    },
    reset() {
      received.length = 0;
      fault = null;
      Object.assign(settings, mailSettings.parse({}));
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function answeredOf(hit: MailFault | null): ReceivedMail["answered"] {
  switch (hit?.type) {
    case "reply":
      return hit.code;
    case "hang":
      return "hung";
    case "drop":
      return "dropped";
    default:
      return 250;
  }
}

function reply(responseCode: number, text = "Not this time"): Error {
  return Object.assign(new Error(text), { responseCode });
}
