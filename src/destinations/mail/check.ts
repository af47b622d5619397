import type { CheckResult } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { domainOf } from "./address.ts";
import { checkDomain } from "./domain-records.ts";
import type { CommonOptions } from "./options.ts";
import { tryServer } from "./smtp.ts";

/** Connects and signs in, then looks up whether the From domain lets its mail be told from forged mail. Sends nothing. */
export async function checkMail(options: CommonOptions): Promise<CheckResult[]> {
  const [server, domain] = await Promise.all([
    checkServer(options),
    checkDomain(domainOf(options.from.address), {
      selector: options.dkimSelector ?? null,
      servers: options.dnsServers ?? null,
    }),
  ]);
  return [server, ...domain];
}

async function checkServer({ smtpUrl }: CommonOptions): Promise<CheckResult> {
  const { host, port, credentials } = smtpUrl;
  const what = `Mail server ${host}:${port}`;
  const failed = await tryServer(smtpUrl);
  if (failed === null) {
    return { what, result: "ok", detail: credentials ? "connected and signed in" : "connected, without signing in" };
  }
  const detail = "reason" in failed ? failed.reason.message : "cannot be used";
  return { what, result: "problem", detail, cure: cureOf(failed) };
}

const cures: Readonly<Record<string, string>> = {
  unauthorized:
    "Check user and password in SMTP_URL. Special characters must be URL-encoded (# as %23); Gmail and Microsoft 365 want an app password.",
  certificate:
    "Use the host name the certificate is for; a private authority's certificate goes into NODE_EXTRA_CA_CERTS. Inside your own network, ?tls=off does without.",
  no_tls:
    "Use smtps:// or the provider's TLS port. Inside your own network, ?tls=off lets the password go in the clear.",
  tls_mismatch: "Write smtp:// instead of smtps://, which is for port 465: the connection is encrypted all the same.",
  dns_error: "Check the host name in SMTP_URL.",
  sender_refused: "Set MAIL_FROM to an address this account may send as, or verify its domain with the provider.",
  connection_lost:
    "Check host and port in SMTP_URL, and whether this network lets mail out (many clouds block port 25).",
  timed_out: "Check host and port in SMTP_URL, and whether this network lets mail out (many clouds block port 25).",
};

/** What to do about a mail server's refusal. */
export function cureOf(outcome: Outcome): string {
  const code = "reason" in outcome ? outcome.reason.code : "";
  return cures[code] ?? "See the provider's log for why.";
}
