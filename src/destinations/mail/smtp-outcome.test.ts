import { expect, test } from "vitest";
import { outcomeOfSmtpError, type SmtpError } from "./smtp-outcome.ts";

function judge(error: SmtpError, sent = false): string {
  const outcome = outcomeOfSmtpError(error, sent);
  return outcome.type === "delivered" ? "delivered" : `${outcome.type}/${outcome.reason.code}`;
}

test.each<[string, SmtpError, string]>([
  ["451 at RCPT TO", { responseCode: 451, command: "RCPT TO" }, "retry/deferred"],
  ["421 on connecting", { responseCode: 421, command: "CONN" }, "retry/deferred"],
  ["454 at sign-in", { code: "EAUTH", responseCode: 454, command: "AUTH PLAIN" }, "retry/deferred"],
  ["550 at RCPT TO", { responseCode: 550, command: "RCPT TO" }, "rejected/rejected"],
  ["554 after DATA", { responseCode: 554, command: "DATA" }, "rejected/rejected"],
  ["552 at MAIL FROM: too large", { responseCode: 552, command: "MAIL FROM" }, "rejected/rejected"],
  ["535 at sign-in", { code: "EAUTH", responseCode: 535, command: "AUTH PLAIN" }, "blocked/unauthorized"],
  ["530 at MAIL FROM", { responseCode: 530, command: "MAIL FROM" }, "blocked/unauthorized"],
  ["553 at MAIL FROM", { responseCode: 553, command: "MAIL FROM" }, "blocked/sender_refused"],
  ["554 on connecting", { responseCode: 554, command: "CONN" }, "blocked/refused"],
  ["502 at STARTTLS", { code: "ETLS", responseCode: 502, command: "STARTTLS" }, "blocked/no_tls"],
  [
    "a used-up quota",
    { responseCode: 550, command: "DATA", response: "550-5.4.5 Daily user sending limit exceeded." },
    "retry/rate_limited",
  ],
  [
    "a certificate of nobody's",
    { code: "ESOCKET", originalCode: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    "blocked/certificate",
  ],
  ["TLS at a port without", { code: "ESOCKET", originalCode: "ERR_SSL_WRONG_VERSION_NUMBER" }, "blocked/tls_mismatch"],
  ["no listener", { code: "ESOCKET", originalCode: "ECONNREFUSED" }, "retry/connection_lost"],
  ["an unknown host", { code: "EDNS" }, "retry/dns_error"],
  ["silence", { code: "ETIMEDOUT" }, "retry/timed_out"],
  ["anything else", {}, "retry/connection_lost"],
])("%s", (_, error, expected) => {
  expect(judge(error)).toBe(expected);
});

test("once the whole mail was sent, no answer is uncertain and an answer still decides", () => {
  expect(judge({ code: "ECONNECTION" }, true)).toBe("uncertain/answer_lost");
  expect(judge({ code: "EABORT" }, true)).toBe("uncertain/answer_lost");
  expect(judge({ responseCode: 451, command: "DATA" }, true)).toBe("retry/deferred");
  expect(judge({ responseCode: 554, command: "DATA" }, true)).toBe("rejected/rejected");
});

test("a reason names code and step, and nothing of the server's words, which quote addresses", () => {
  const response = "550 5.1.1 <ada@example.com>: no such user";
  const outcome = outcomeOfSmtpError({ responseCode: 550, command: "RCPT TO", response }, false);
  expect(outcome).toEqual({
    type: "rejected",
    reason: { code: "rejected", message: "answered 550 5.1.1 at RCPT TO" },
  });
});
