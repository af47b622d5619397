import { type Outcome, type Reason, rateLimited } from "../../model/outcome.ts";

/** What nodemailer's errors tell; each part is there only when it is known. */
export type SmtpError = {
  /** nodemailer's own code, such as `EAUTH`. */
  code?: string;
  /** The system's or OpenSSL's code behind it. */
  originalCode?: string;
  /** The server's reply, when it was one that failed. */
  responseCode?: number;
  response?: string;
  /** The command it answered, such as `RCPT TO`. */
  command?: string;
};

const authRefused = new Set([530, 534, 535, 538]);
/** Stages whose refusal is about this mail; elsewhere a refusal is about us, and so about every mail. */
const aboutThisMail = new Set(["RCPT TO", "DATA"]);
const tooLarge = 552;
/** "Mail system congestion" (RFC 3463 §3.5): Gmail's daily limit, per https://support.google.com/a/answer/3726730 (read 2026-11). */
const quotaUsedUp = /^5\.4\.5$/;
const quotaWaitMs = 900_000;
const certificateCodes = new Set([
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/**
 * The verdict on a mail that could not be handed over. A reply is always a verdict: 4xx is "not now", 5xx is "never" (RFC 5321
 * §4.2.1). Without a reply, it may have arrived only if the whole of it was sent.
 *
 * @param sent Whether the mail had gone out to its last byte.
 */
export function outcomeOfSmtpError(error: SmtpError, sent: boolean): Outcome {
  if (error.responseCode !== undefined) return refused(error, error.responseCode);
  if (sent) return { type: "uncertain", reason: reason("answer_lost", "the server's answer to the mail was lost") };
  return unsent(error);
}

function refused({ code, command = "", response = "" }: SmtpError, status: number): Outcome {
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const where = command === "CONN" ? "on connecting" : `at ${command || "an unnamed step"}`;
  const answer = `answered ${status}${enhanced ? ` ${enhanced}` : ""} ${where}`;
  if (status < 500) return { type: "retry", reason: reason("deferred", answer) };
  if (enhanced && quotaUsedUp.test(enhanced)) {
    return { type: "retry", reason: reason(rateLimited, `${answer}: the quota is used up`), waitMs: quotaWaitMs };
  }
  if (code === "EAUTH" || authRefused.has(status)) {
    return { type: "blocked", reason: reason("unauthorized", `${answer}: it wants another user or password`) };
  }
  if (aboutThisMail.has(command) || status === tooLarge)
    return { type: "rejected", reason: reason("rejected", answer) };
  if (command === "MAIL FROM") {
    return { type: "blocked", reason: reason("sender_refused", `${answer}: this sender may not send there`) };
  }
  if (command === "STARTTLS") {
    return {
      type: "blocked",
      reason: reason("no_tls", `${answer}: it offers no TLS, and a password would go in the clear`),
    };
  }
  return { type: "blocked", reason: reason("refused", answer) };
}

function unsent({ code = "", originalCode = "" }: SmtpError): Outcome {
  if (certificateCodes.has(originalCode)) {
    const message = "the server's certificate cannot be trusted for this host name";
    return { type: "blocked", reason: reason("certificate", message) };
  }
  if (originalCode === "ERR_SSL_WRONG_VERSION_NUMBER") {
    return { type: "blocked", reason: reason("tls_mismatch", "this port does not speak TLS from the first byte") };
  }
  switch (code) {
    case "EAUTH":
    case "ENOAUTH":
      return { type: "blocked", reason: reason("unauthorized", "the server offers no way to sign in with a password") };
    case "EENVELOPE":
      return {
        type: "rejected",
        reason: reason("address_unusable", "the server cannot take mail for such an address"),
      };
    case "EMESSAGE":
      return { type: "rejected", reason: reason("too_large", "the mail is larger than the server takes") };
    case "EDNS":
      return { type: "retry", reason: reason("dns_error", "the server's name cannot be resolved") };
    case "ETIMEDOUT":
    case "EABORT":
      return { type: "retry", reason: reason("timed_out", "no answer in time, before the mail was sent") };
    case "ETLS":
      return { type: "retry", reason: reason("tls_error", "no TLS connection could be made") };
    default:
      return { type: "retry", reason: reason("connection_lost", lostBy(originalCode)) };
  }
}

function lostBy(originalCode: string): string {
  if (originalCode === "ECONNREFUSED") return "nobody listens at the server's port";
  return `the connection ended before the mail was sent${originalCode ? ` (${originalCode})` : ""}`;
}

function reason(code: string, message: string): Reason {
  return { code, message };
}
