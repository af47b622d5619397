import type { FieldError } from "./form.ts";

/** The gateway's answer. `status` is 0 when there was none; `lead_id` is there when the lead is kept, and only then. */
export type Answer = {
  status: number;
  /** Seconds the gateway asks to wait; 0 when it does not. */
  wait: number;
  lead_id?: string;
  detail?: string;
  errors?: FieldError[];
};

const { src: scriptUrl } = document.currentScript as HTMLScriptElement;

/** Posts as a plain form does, which needs no preflight, and reads the answer. Never rejects. */
export async function post(url: string, body: string): Promise<Answer> {
  const answer: Answer = { status: 0, wait: 0 };
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { accept: "application/json" },
      body: new URLSearchParams(body),
      // Absent in older browsers, which then wait as long as they wait.
      signal: AbortSignal.timeout?.(15_000) as AbortSignal,
    });
    answer.status = response.status;
    answer.wait = Number(response.headers.get("retry-after"));
    return { ...(await response.json()), ...answer };
  } catch {
    return answer;
  }
}

/** True when waiting and sending the same again may help. */
export function isPassing({ status }: Answer): boolean {
  return !/^4(?!08|25|29)/.test(`${status}`);
}

/** Everything the page's policy has stopped, one after the other. */
let blocked = "";
addEventListener("securitypolicyviolation", ({ blockedURI }) => {
  blocked += blockedURI;
});

/**
 * Asked when a post had no answer: true when a plain post would get through, because only scripts are kept from the gateway,
 * by the page's policy or by CORS.
 */
export async function isReachable(url: string): Promise<boolean> {
  const { origin } = new URL(url);
  // The script is answered to any origin: no answer means no connection. The violation is told a moment after the refusal.
  const probe = await fetch(scriptUrl, { cache: "no-store" }).catch(
    () => new Promise<undefined>((resolve) => setTimeout(resolve)),
  );
  // A copy of the script elsewhere says nothing of the gateway.
  return (probe?.ok && scriptUrl.startsWith(origin)) || blocked.includes(origin);
}
