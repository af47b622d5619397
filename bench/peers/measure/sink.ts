import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { SMTPServer } from "smtp-server";

/** How a destination behaves at the moment: as it is to, failing, or taking everything and never answering. */
export type Mood = "fine" | "failing" | "silent";

/** What came of one submission: how often it was taken, and under which ids of the sender's, where it sends any. */
export type Arrival = { times: number; ids: Set<string> };

/** A destination that remembers what it took. */
export type Sink = {
  url: string;
  mood: Mood;
  /** By the id each submission carries. */
  arrivals: ReadonlyMap<string, Arrival>;
  /** When something was taken last, in milliseconds of `performance.now()`. */
  lastAt: number;
  close(): Promise<void>;
};

/** A CRM's answer takes so long. */
const answerMs = 200;
const submissionId = /submission_id\\?"\s*:\s*\\?"([^"\\]+)/;

/** Over HTTP: 200, 500, or silence. */
export async function startHttpSink(): Promise<Sink> {
  const { sink, took } = aSink();
  const server = createServer(async (request, response) => {
    const body = await text(request).catch(() => "");
    const { mood } = sink;
    if (mood !== "failing")
      took(body, String(request.headers["webhook-id"] ?? request.headers["idempotency-key"] ?? ""));
    if (mood === "silent") return;
    setTimeout(() => answer(response, mood === "fine" ? 200 : 500), answerMs);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  sink.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  sink.close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return sink;
}

/** Over SMTP: 250, 451, or silence after the mail. */
export async function startMailSink(): Promise<Sink> {
  const { sink, took } = aSink();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    async onData(stream, _, done) {
      const mail = await text(stream).catch(() => "");
      const { mood } = sink;
      const [, messageId = ""] = /^message-id:\s*(\S+)/im.exec(mail) ?? [];
      if (mood !== "failing") took(mail, messageId);
      if (mood === "silent") return;
      const trouble = Object.assign(new Error("try again later"), { responseCode: 451 });
      setTimeout(() => done(mood === "fine" ? null : trouble), answerMs);
    },
  });
  server.on("error", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  sink.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  sink.close = () => new Promise((resolve) => server.close(() => resolve()));
  return sink;
}

function aSink(): { sink: Sink; took(body: string, id: string): void } {
  const arrivals = new Map<string, Arrival>();
  const sink: Sink = { url: "", mood: "fine", arrivals, lastAt: performance.now(), close: async () => {} };
  return {
    sink,
    took(body, id) {
      const submission = submissionId.exec(body)?.[1];
      if (!submission) return;
      const arrival = arrivals.get(submission) ?? { times: 0, ids: new Set<string>() };
      arrival.times += 1;
      // Without an id each request stands for itself.
      arrival.ids.add(id || `request ${arrival.times}`);
      arrivals.set(submission, arrival);
      sink.lastAt = performance.now();
    },
  };
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "application/json" }).end("{}");
}
