import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";

/** One lead as its sender sees it. */
export type Sent = {
  key: string;
  email: string;
  /** The lead ids of every 202 received for the key; more than one means it was recorded twice. */
  answers: Set<string>;
};

export type Load = {
  sent: readonly Sent[];
  /** Posts that found the program running, and those among them whose connection broke before the answer. */
  posts: number;
  cutOff: number;
  /** Answers that are neither 202 nor 503. There is no reason for any. */
  strange: readonly string[];
  /** Lets this many more new leads be sent; in between, clients send earlier ones again. */
  offer(leads: number): void;
  /** Sends nothing new, and resolves when every lead begun has its answer. */
  finish(): Promise<void>;
  /** Breaks it off. */
  close(): Promise<void>;
};

type Answer = { status: number; text: string };

/** A repeat of a broken post waits this long at most, as the browser's script would, only shorter. */
const longestWaitMs = 40;
const answerWithinMs = 10_000;

/**
 * Clients with a connection each, kept alive, that post without a pause. A client whose post was not answered, or with a
 * 503, posts the same key again until it has its 202. The destinations' pace allows a few leads a second only, so a new
 * lead is sent when offered and otherwise one that has its 202 is sent once more: it has to come to the same.
 */
export function startLoad(url: string, { concurrency, random }: { concurrency: number; random(): number }): Load {
  const pool = new Pool(url, {
    connections: concurrency,
    pipelining: 1,
    headersTimeout: answerWithinMs,
    bodyTimeout: answerWithinMs,
  });
  const sent: Sent[] = [];
  const answered: Sent[] = [];
  const strange: string[] = [];
  let offered = 0;
  let posts = 0;
  let cutOff = 0;
  let running = true;
  let closed = false;
  const clients = Array.from({ length: concurrency }, () => client());

  async function client(): Promise<void> {
    while (running) {
      const next = offered > 0 ? aNewLead() : answered[Math.floor(random() * answered.length)];
      if (next) await post(next);
      else await pause(5);
    }
  }

  function aNewLead(): Sent {
    offered -= 1;
    const serial = sent.length + 1;
    const lead = { key: `crash-${serial}`, email: `visitor${serial}@example.com`, answers: new Set<string>() };
    sent.push(lead);
    return lead;
  }

  async function post(lead: Sent): Promise<void> {
    while (!closed) {
      posts += 1;
      const answer = await submit(lead).catch((error: unknown) => {
        if (isRefused(error)) posts -= 1;
        else cutOff += 1;
        return null;
      });
      if (answer && answer.status !== 503) return take(lead, answer);
      await pause(random() * longestWaitMs);
    }
  }

  function take(lead: Sent, { status, text }: Answer): void {
    const leadId = status === 202 ? leadIdIn(text) : null;
    if (leadId === null) {
      strange.push(`${lead.key} was answered ${status}: ${text}`);
      return;
    }
    if (lead.answers.size === 0) answered.push(lead);
    lead.answers.add(leadId);
  }

  async function submit({ key, email }: Sent): Promise<Answer> {
    const { statusCode, body } = await pool.request({
      method: "POST",
      path: "/f/contact",
      headers: { "content-type": "application/json", "idempotency-key": key },
      body: JSON.stringify({ name: "Ada Lovelace", email, consent: "on", message: "Please call me back." }),
    });
    return { status: statusCode, text: await body.text() };
  }

  return {
    sent,
    strange,
    get posts() {
      return posts;
    },
    get cutOff() {
      return cutOff;
    },
    offer: (leads) => {
      offered += leads;
    },
    async finish() {
      running = false;
      await Promise.all(clients);
    },
    async close() {
      running = false;
      closed = true;
      await pool.destroy();
      await Promise.all(clients);
    },
  };
}

function leadIdIn(text: string): string | null {
  return /"lead_id":"(lead_[^"]+)"/.exec(text)?.[1] ?? null;
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}
