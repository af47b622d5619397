import type { Outcome } from "./outcome.ts";

/** A request that got no answer. `sent` tells whether the destination may have received it. */
export class NetworkError extends Error {
  readonly code: string;
  readonly sent: boolean;

  constructor(code: string, message: string, sent: boolean, options?: ErrorOptions) {
    super(message, options);
    this.name = "NetworkError";
    this.code = code;
    this.sent = sent;
  }
}

/** Codes of addresses nobody may call as things are configured. */
const forbidden: ReadonlySet<string> = new Set(["private_address", "bad_port", "wrong_scheme"]);

/** The verdict on it: what was sent may have arrived, and an address that is not allowed is nobody's until someone acts. */
export function outcomeOfNetworkError({ code, message, sent }: NetworkError): Outcome {
  const reason = { code, message };
  if (forbidden.has(code)) return { type: "blocked", reason };
  return { type: sent ? "uncertain" : "retry", reason };
}
