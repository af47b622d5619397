import type { Notice } from "../../model/alert.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { ChannelInfo } from "../notice-queue.ts";
import type { NoticeWords } from "../notice-words.ts";

/** What a mail says, before it has headers. `id`: becomes its Message-ID. */
export type NoticeMail = { id: string } & (
  | { kind: "alert"; words: NoticeWords; type: Notice["type"] }
  | { kind: "digest"; content: { subject: string; text: string; html: string } }
);

/** Sends mails to those who get alerts. Supplied by whoever knows mail; never rejects for what a server does. */
export type Mailer = {
  send(mail: NoticeMail, context: { signal: AbortSignal; now(): number }): Promise<Outcome>;
  /** Lets go of open connections. */
  close(): Promise<void>;
};

/** Posts JSON and judges the answer. Supplied by whoever knows the network; rejects with `NetworkError` when there is none. */
export type Post = (
  request: { url: string; id: string; body: string; secrets: readonly string[] },
  signal: AbortSignal,
) => Promise<Outcome>;

/** A way to people, at work. */
export type Channel = ChannelInfo & {
  /** Longest one attempt may take, in milliseconds. */
  timeoutMs: number;
  send(notice: Notice, words: NoticeWords, signal: AbortSignal): Promise<Outcome>;
  close?(): Promise<void>;
};
