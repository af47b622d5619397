/**
 * What all peers share: a form's back end as the tutorials write it. Express, a JSON body, a check of the fields, and then whatever
 * the peer does with a submission before it thanks.
 */
import express from "express";

export type Submission = { email?: string; phone?: string } & Record<string, unknown>;

const { PORT = "0", SINK_URL = "", DATA = "." } = process.env;

/** Where the peer keeps its files; still there when it is started again. */
export const dataFolder = DATA;

/** Longest wait for the destination's answer: the same for all. */
export const timeoutMs = 5_000;
/** Deliveries under way at once: the same for all. */
export const concurrency = 32;

/** Listens; `take` has the submission in its care when it resolves. */
export function startSite(take: (submission: Submission) => Promise<void> | void): void {
  const app = express();
  app.use(express.json());
  app.post("/", async (request, response) => {
    const submission = request.body as Submission;
    if (!submission.email && !submission.phone) {
      response.status(422).json({ error: "an e-mail address or a phone number is needed" });
      return;
    }
    await take(submission);
    response.status(202).json({ ok: true });
  });
  app.listen(Number(PORT), "127.0.0.1");
}

/** Brings a submission to the destination. @throws when it did not take it */
export async function deliver(submission: Submission): Promise<void> {
  const response = await fetch(SINK_URL, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(submission),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`answered ${response.status}`);
}
