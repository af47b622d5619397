import type { DestinationSpec } from "../model/destination.ts";
import type { ConfigProblem } from "../model/errors.ts";
import { confirmationMail } from "../model/form.ts";
import type { Environment } from "./environment.ts";

/**
 * The mails the variables turn on: to the person with `SMTP_URL` and `MAIL_FROM`, to the team with `MAIL_TO` as well, and the one
 * that asks for confirmation when a form wants it.
 */
export async function mailFromVariables(
  values: Environment,
  confirms: boolean,
): Promise<Record<string, DestinationSpec>> {
  const { SMTP_URL: smtpUrl, MAIL_FROM: from, MAIL_TO: to, MAIL_LANGUAGE: language, PUBLIC_URL } = values;
  if (!smtpUrl || !from) return {};
  const { mailCustomer } = await import("../destinations/mail/mail-customer.ts");
  const { mailTeam } = await import("../destinations/mail/mail-team.ts");
  const common = { smtpUrl, from, language };
  const consoleUrl = PUBLIC_URL ? { consoleUrl: `${PUBLIC_URL.replace(/\/+$/, "")}/console` } : {};
  return {
    ...(to ? { "mail-team": mailTeam({ ...common, to, ...consoleUrl }) } : {}),
    "mail-customer": mailCustomer(common),
    ...(confirms ? { [confirmationMail]: await confirmation(common) } : {}),
  };
}

async function confirmation(common: { smtpUrl: string; from: string; language: string }): Promise<DestinationSpec> {
  const { mailConfirmation } = await import("../destinations/mail/mail-confirmation.ts");
  return mailConfirmation(common);
}

/** Variables of the mails that say nothing without another. */
export function unpairedMail({ SMTP_URL, MAIL_FROM, MAIL_TO }: Environment): ConfigProblem[] {
  if (SMTP_URL && !MAIL_FROM) {
    const cure = "Set it to the sender, such as Example <hello@example.com>.";
    return [{ path: "MAIL_FROM", message: "is needed beside SMTP_URL.", cure }];
  }
  if (!SMTP_URL && (MAIL_FROM || MAIL_TO)) {
    const cure = "Set it to your mail server, such as smtp://user:password@smtp.example.com:587, or unset the others.";
    return [{ path: "SMTP_URL", message: `is needed beside ${MAIL_FROM ? "MAIL_FROM" : "MAIL_TO"}.`, cure }];
  }
  return [];
}
