/** What was answered. `isDown`: by something in front of a gateway that is not there. */
export type Reply = { status: number; headers: Headers; body: ArrayBuffer; isDown: boolean };

/** Why nothing was. */
export type Silence = { silence: string };

/** One try, its answer's body included. Redirects are answers. */
export async function ask(url: string, sent: RequestInit, limitMs: number): Promise<Reply | Silence> {
  try {
    const response = await fetch(url, { ...sent, redirect: "manual", signal: AbortSignal.timeout(limitMs) });
    const { status, headers } = response;
    // A gateway that is there and cannot keep leads just now says when to come back.
    const isDown = isGone(status) && !(status === 503 && headers.has("retry-after"));
    return { status, headers, body: await response.arrayBuffer(), isDown };
  } catch (error) {
    const { name, message, cause } = error as Error;
    if (name === "TimeoutError" || name === "AbortError") return { silence: "it did not answer in time" };
    return { silence: cause instanceof Error && cause.message ? cause.message : message };
  }
}

/** Waits before the second try; before each further one twice as long. */
const firstWaitMs = 200;

/** Tries until there is an answer that stands, or the next try would come after the budget's end. */
export async function tryFor(
  budgetMs: number,
  once: (limitMs: number) => Promise<Reply | Silence>,
): Promise<Reply | Silence> {
  const end = Date.now() + budgetMs;
  for (let n = 0; ; n++) {
    const reply = await once(Math.max(1, Math.min(end - Date.now(), budgetMs / 2)));
    const isFinal = "status" in reply && reply.status !== 429 && !isGone(reply.status);
    if (isFinal) return reply;
    const asked = "headers" in reply ? askedWaitMs(reply.headers) : null;
    const waitMs = asked ?? firstWaitMs * 2 ** n * (1 + Math.random() / 4);
    if (Date.now() + waitMs >= end) return reply;
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}

/** What proxies say of a server behind them that does not answer (52x and 530: Cloudflare), and gateways that cannot keep leads. */
function isGone(status: number): boolean {
  return (status >= 502 && status <= 504) || (status >= 520 && status <= 530);
}

/** `Retry-After` in seconds or as a date; null when it is absent or nonsense. */
function askedWaitMs(headers: Headers): number | null {
  const text = headers.get("retry-after") ?? "";
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1_000;
  const at = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
