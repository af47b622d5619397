import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import * as fc from "fast-check";
import {
  closeServer,
  type HandOver,
  handOver,
  type OutgoingMail,
  tryServer,
} from "../../../src/destinations/mail/smtp.ts";
import type { SmtpServer } from "../../../src/destinations/mail/smtp-url.ts";
import { type Outcome, outcome as outcomeSchema } from "../../../src/model/outcome.ts";
import { mutatedBytes } from "../bytes.ts";
import type { Target } from "../target.ts";

/** What becomes of one of the mail server's replies. */
type Twist =
  | { type: "itself" }
  | { type: "code"; code: number }
  | { type: "bytes"; bytes: Uint8Array }
  /** Cut after a share of it, and the connection closed or reset. */
  | { type: "cut"; share: number; reset: boolean }
  | { type: "silence" }
  /** The reply in one line that is so long, or in lines without an end. */
  | { type: "long"; length: number }
  | { type: "endless"; line: string };

type Input = { doing: "send" | "verify"; twists: Twist[] };

/** Longest a hand-over is given; a server that is silent costs no more. */
const patienceMs = 100;
/** Longest it may take to give up then, on a machine that does something else as well. */
const longestMs = 20_000;
const settleMs = 500;
const password = "hUsHhUsH-password";
const recipients = ["one@team.example", "two@team.example"];
/** What a server says of its own, which is to be repeated to nobody. */
const spoken = "marked-words-of-the-server";

const replies = [
  `220 mail.example ${spoken}\r\n`,
  `250-mail.example ${spoken}\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250-SIZE 1000\r\n250 8BITMIME\r\n`,
  `235 2.7.0 ${spoken}\r\n`,
  "334 VXNlcm5hbWU6\r\n",
  `250 2.1.0 ${spoken}\r\n`,
  `354 ${spoken}\r\n`,
  `250 2.0.0 ${spoken}\r\n`,
  `421 4.7.0 ${spoken}\r\n`,
  `452 4.2.2 ${spoken}\r\n`,
  `550-5.1.1 ${spoken}\r\n550 5.1.1 ${spoken}\r\n`,
  `552 5.4.5 ${spoken}\r\n`,
  "250\r\n",
  "250",
  "999 x\r\n",
  "\r\n\r\n",
];

const twist: fc.Arbitrary<Twist> = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Twist>({ type: "itself" }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("code" as const), code: fc.integer({ min: 0, max: 999 }) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("bytes" as const),
      bytes: mutatedBytes(replies.map((reply) => Buffer.from(reply))),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("cut" as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      reset: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.constant<Twist>({ type: "silence" }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant("long" as const), length: fc.integer({ min: 500, max: 2_000_000 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("endless" as const),
      line: fc.constantFrom("220-hello\r\n", "250-hello\r\n", "250 hello\r\n", "x", "\r\n", "354 go\r\n"),
    }),
  },
);

/** Mail servers that answer anything at all, before the code that hands a mail over. */
export async function openSmtp(): Promise<Target<Input>> {
  const figures: Record<string, number> = {};
  let current: Input = { doing: "send", twists: [{ type: "itself" }] };
  const sockets = new Set<Socket>();
  const listener = createServer((socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    serve(socket, current.twists);
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;

  return {
    input: fc.record({
      doing: fc.constantFrom("send" as const, "send" as const, "verify" as const),
      twists: fc.array(twist, { minLength: 1, maxLength: 8 }),
    }),
    async check(input) {
      current = input;
      const credentials = { user: "user", pass: password };
      const server: SmtpServer = { host: "127.0.0.1", port, tls: "off", credentials };
      const leave = (): void => {
        for (const socket of sockets) socket.destroy();
      };
      try {
        const told = await inTime(input.doing === "send" ? sent(server) : verified(server, leave));
        figures[`${input.doing} ${told}`] = (figures[`${input.doing} ${told}`] ?? 0) + 1;
      } finally {
        await closeServer(server);
        leave();
      }
    },
    /** Connections that were cut off take a moment to be gone. */
    settle: () => pause(settleMs),
    figures: () => figures,
    async close() {
      listener.close();
    },
  };
}

async function inTime(work: Promise<string>): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${longestMs} ms`)), longestMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function sent(server: SmtpServer): Promise<string> {
  const handed = await handOver(aMail, server, AbortSignal.timeout(patienceMs));
  for (const outcome of outcomesOf(handed)) assertFit(outcome);
  if (handed.type === "failed") return handed.outcome.type;
  const unknown = handed.refused.filter(({ address }) => !recipients.includes(address));
  if (unknown.length > 0) throw new Error(`refused were ${JSON.stringify(unknown)}`);
  if (handed.refused.length === recipients.length) throw new Error("taken for nobody");
  return handed.refused.length > 0 ? "taken by some" : "taken";
}

/** It has no signal of its own: where the server would keep it waiting, the server goes away. */
async function verified(server: SmtpServer, leave: () => void): Promise<string> {
  const impatient = setTimeout(leave, patienceMs);
  try {
    const failed = await tryServer(server);
    if (failed !== null) assertFit(failed);
    return failed === null ? "ok" : failed.type;
  } finally {
    clearTimeout(impatient);
  }
}

function outcomesOf(handed: HandOver): Outcome[] {
  return handed.type === "failed" ? [handed.outcome] : handed.refused.map(({ outcome }) => outcome);
}

function assertFit(outcome: Outcome): void {
  outcomeSchema.parse(outcome);
  if (outcome.type === "delivered") throw new Error("a failure that is a success");
  const told = JSON.stringify(outcome);
  for (const secret of [password, spoken, ...recipients]) {
    if (told.includes(secret)) throw new Error(`"${secret}" is told: ${told}`);
  }
  if (told.length > 500) throw new Error(`a reason of ${told.length} characters`);
}

const aMail: OutgoingMail = {
  messageId: "<dlv_1@example.com>",
  from: { name: "Example", address: "hello@example.com" },
  to: recipients.map((address) => ({ name: "", address })),
  recipients,
  replyTo: null,
  date: new Date(0),
  headers: {},
  content: { subject: "A lead", text: ".a line that begins with a dot\n.\n", html: "<p>A lead</p>" },
};

/** A mail server, as far as a client sees one. */
function serve(socket: Socket, twists: readonly Twist[]): void {
  let said = 0;
  let buffered = "";
  let inMail = false;
  let signing = 0;
  socket.on("error", () => {});

  function say(reply: string): void {
    const twist = twists[said++ % twists.length] ?? { type: "itself" };
    speak(socket, reply, twist);
  }

  function answerTo(line: string): void {
    const [verb = ""] = line.toUpperCase().split(" ");
    if (signing > 0) {
      signing -= 1;
      say(signing > 0 ? "334 UGFzc3dvcmQ6\r\n" : `235 2.7.0 ${spoken}\r\n`);
    } else if (verb === "EHLO") say(replies[1] ?? "");
    else if (verb === "AUTH" && line.split(" ").length < 3) {
      signing = 2;
      say("334 VXNlcm5hbWU6\r\n");
    } else if (verb === "AUTH") say(`235 2.7.0 ${spoken}\r\n`);
    else if (verb === "DATA") {
      inMail = true;
      say(`354 ${spoken}\r\n`);
    } else say(`250 2.1.0 ${spoken}\r\n`);
  }

  socket.setEncoding("latin1").on("data", (text: string) => {
    buffered += text;
    for (;;) {
      const end = buffered.indexOf(inMail ? "\r\n.\r\n" : "\r\n");
      if (end < 0) return;
      const part = buffered.slice(0, end);
      buffered = buffered.slice(end + (inMail ? 5 : 2));
      if (inMail) {
        inMail = false;
        say(`250 2.0.0 ${spoken}\r\n`);
      } else answerTo(part);
    }
  });
  say(replies[0] ?? "");
}

function speak(socket: Socket, reply: string, twist: Twist): void {
  switch (twist.type) {
    case "itself":
      socket.write(reply);
      break;
    case "code":
      socket.write(reply.replaceAll(/^\d{3}/gm, String(twist.code)));
      break;
    case "bytes":
      socket.write(twist.bytes);
      break;
    case "cut":
      socket.write(reply.slice(0, Math.floor(reply.length * twist.share)));
      if (twist.reset) socket.resetAndDestroy();
      else socket.end();
      break;
    case "long":
      socket.write(`${reply.trimEnd()}${"x".repeat(twist.length)}\r\n`);
      break;
    case "endless":
      endlessly(socket, twist.line.repeat(Math.ceil(16_384 / twist.line.length)));
      break;
    case "silence":
  }
}

function endlessly(socket: Socket, lines: string): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(lines));
  };
  socket.on("drain", more);
  more();
}
