import type { CheckResult, ToolContext } from "../../model/destination.ts";
import { cureOf } from "./check.ts";
import { type Draft, outgoing } from "./send.ts";
import { handOver } from "./smtp.ts";
import type { SmtpServer } from "./smtp-url.ts";

/** Sends a mail to an address the operator names, and tells what the server said. */
export async function sendSample(
  draft: Draft,
  address: string,
  server: SmtpServer,
  { signal, now }: ToolContext,
): Promise<CheckResult> {
  const to = [{ name: "", address }];
  const deliveryId = `sample-${now()}-${draft.mailKind}`;
  const mail = outgoing({ ...draft, to, replyTo: null }, server, { deliveryId, recipients: [address], now });
  const handed = await handOver(mail, server, signal);
  const what = `A ${draft.mailKind} to ${address}`;
  if (handed.type === "taken") {
    const detail = "the mail server took it; see that it arrives, and not among the spam";
    return { what, result: "ok", detail };
  }
  const { outcome } = handed;
  const detail = "reason" in outcome ? outcome.reason.message : "the mail server took it";
  return { what, result: "problem", detail, cure: cureOf(outcome) };
}
