import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";

/** One lead as its sender sees it. */
export type Sent = {
  key: string;
  email: string;
  /** The lead ids of every 202 received for the key; more than one means it was recorded twice. */
  answers: Set<string>;
  /** Sent as a browser's form is: the answer is a 303 that names no lead. */
  asForm: boolean;
  /** True once it had its 202 or 303. */
  thanked: boolean;
};

export type Load = {
  sent: readonly Sent[];
  /** Posts that found a program running, and those among them whose connection broke before the answer. */
  posts: number;
  cutOff: number;
  /** Posts answered 503: not now. */
  putOff: number;
  /** Answers that are neither 202 (to a form, 303) nor 503. There is no reason for any. */
  strange: readonly string[];
  /** Lets this many more new leads be sent; in between, clients send earlier ones again. */
  offer(leads: number): void;
  /** Sends nothing new, and resolves when every lead begun has its answer. */
  finish(): Promise<void>;
  /** Breaks it off. */
  close(): Promise<void>;
};

export type LoadOptions = {
  /** Clients that post at once. */
  concurrency: number;
  random(): number;
  /** Share of the leads that are sent as a browser's form is. @default 0 */
  forms?: number;
  /** Longest a client rests between two posts. @default 0 */
  restMs?: number;
  /** A repeat of a broken post waits this long at most, as the browser's script would, only shorter. @default 40 */
  longestWaitMs?: number;
  /** A client gives a post up after this. @default 10_000 */
  answerWithinMs?: number;
};

type Answer = { status: number; text: string };

/**
 * Clients with a connection each, kept alive, that post without a pause. A client whose post was not answered, or with a
 * 503, posts the same key again until it has its 202. The destinations' pace allows a few leads a second only, so a new
 * lead is sent when offered and otherwise one that has its 202 is sent once more: it has to come to the same. Each post goes to
 * any of the programs, as a balancer in front of them would have it.
 */
export function startLoad(urls: readonly string[], options: LoadOptions): Load {
  const { concurrency, random, forms = 0, restMs = 0, longestWaitMs = 40, answerWithinMs = 10_000 } = options;
  const limits = {
    connections: concurrency,
    pipelining: 1,
    headersTimeout: answerWithinMs,
    bodyTimeout: answerWithinMs,
  };
  const pools = urls.map((url) => new Pool(url, limits));
  const sent: Sent[] = [];
  const answered: Sent[] = [];
  const strange: string[] = [];
  let offered = 0;
  let posts = 0;
  let cutOff = 0;
  let putOff = 0;
  let running = true;
  let closed = false;
  const clients = Array.from({ length: concurrency }, () => client());

  async function client(): Promise<void> {
    while (running) {
      const next = offered > 0 ? aNewLead() : answered[Math.floor(random() * answered.length)];
      if (next) await post(next);
      else await pause(5);
      if (restMs > 0) await pause(random() * restMs);
    }
  }

  function aNewLead(): Sent {
    offered -= 1;
    const serial = sent.length + 1;
    const names = { key: `crash-${serial}`, email: `visitor${serial}@example.com` };
    const asForm = forms > 0 && random() < forms;
    const lead = { ...names, answers: new Set<string>(), asForm, thanked: false };
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
      if (answer) putOff += 1;
      await pause(random() * longestWaitMs);
    }
  }

  function take(lead: Sent, { status, text }: Answer): void {
    const leadId = status === 202 ? leadIdIn(text) : null;
    if (lead.asForm ? status !== 303 : leadId === null) {
      strange.push(`${lead.key} was answered ${status}: ${text}`);
      return;
    }
    if (!lead.thanked) answered.push(lead);
    lead.thanked = true;
    if (leadId !== null) lead.answers.add(leadId);
  }

  async function submit(lead: Sent): Promise<Answer> {
    const pool = pools.length === 1 ? pools[0] : pools[Math.floor(random() * pools.length)];
    if (!pool) throw new RangeError("there is no program to send to");
    const { statusCode, body } = await pool.request({ method: "POST", path: "/f/contact", ...requestOf(lead) });
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
    get putOff() {
      return putOff;
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
      await Promise.all(pools.map((pool) => pool.destroy()));
      await Promise.all(clients);
    },
  };
}

function requestOf({ key, email, asForm }: Sent): { headers: Record<string, string>; body: string } {
  const fields = { name: "Ada Lovelace", email, consent: "on", message: "Please call me back." };
  return asForm
    ? {
        headers: { "content-type": "application/x-www-form-urlencoded", accept: "text/html" },
        body: new URLSearchParams({ ...fields, _key: key }).toString(),
      }
    : {
        headers: { "content-type": "application/json", "idempotency-key": key },
        body: JSON.stringify(fields),
      };
}

function leadIdIn(text: string): string | null {
  return /"lead_id":"(lead_[^"]+)"/.exec(text)?.[1] ?? null;
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ECONNREFUSED";
}
