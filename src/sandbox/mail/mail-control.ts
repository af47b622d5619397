import * as z from "zod";
import type { HttpAnswer } from "../fault.ts";
import { json } from "../json-answer.ts";
import { problemOf } from "../open-vendor.ts";
import type { VendorRequest } from "../vendor.ts";
import { mailFault } from "./mail-fault.ts";
import type { OpenMailbox, ReceivedMail } from "./mailbox.ts";

const newestShown = 50;
const faultRequest = z.strictObject({ fault: mailFault.nullable() });
const settingsRequest = z.strictObject({ settings: z.record(z.string(), z.unknown()) });
const shownMail = /^GET \/_sandbox\/mail\/(\d{1,9})\.html$/;

/** Answers `/_sandbox/mail/*`: the mail server's switches, its inbox, and each mail as a page of its own. */
export function mailControl(request: VendorRequest, mailbox: OpenMailbox): HttpAnswer {
  const asked = `${request.method} ${request.path.split("?")[0]}`;
  const shown = shownMail.exec(asked)?.[1];
  if (shown !== undefined) return mailPage(mailbox.received[Number(shown) - 1]);
  switch (asked) {
    case "GET /_sandbox/mail/state":
      return json(200, stateOf(mailbox));
    case "POST /_sandbox/mail/fault": {
      const checked = faultRequest.safeParse(request.json);
      if (!checked.success) return json(400, { error: problemOf(checked.error) });
      mailbox.setFault(checked.data.fault);
      return json(200, stateOf(mailbox));
    }
    case "POST /_sandbox/mail/settings": {
      const checked = settingsRequest.safeParse(request.json);
      const problem = checked.success ? mailbox.configure(checked.data.settings) : problemOf(checked.error);
      return problem === null ? json(200, stateOf(mailbox)) : json(400, { error: problem });
    }
    default:
      return json(404, { error: "no such control" });
  }
}

function stateOf({ url, fault, settings, received }: OpenMailbox): object {
  const applied = received.filter((mail) => mail.applied).length;
  const duplicates = received.filter(({ duplicate }) => duplicate).length;
  return {
    url,
    fault,
    settings,
    counts: { received: received.length, applied, duplicates },
    received: received.slice(-newestShown).reverse().map(summaryOf),
  };
}

function summaryOf({ n, at, envelope, mail, applied, answered, duplicate }: ReceivedMail): object {
  const { subject = "", from, to = [], replyTo = [], messageId = "", text = "" } = mail;
  const name = ({ name, address = "" }: { name: string; address?: string | undefined }) =>
    name ? `${name} <${address}>` : address;
  return {
    n,
    at,
    envelope,
    applied,
    answered,
    duplicate,
    subject,
    messageId,
    text,
    from: from ? name(from) : "",
    to: to.map(name).join(", "),
    replyTo: replyTo.map(name).join(", "),
  };
}

/** As a mail program shows it: no script, nothing from elsewhere, and only inside the sandbox's own page. */
function mailPage(received: ReceivedMail | undefined): HttpAnswer {
  if (!received) return json(404, { error: "no such mail" });
  const policy = [
    "sandbox",
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
  ];
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": policy.join("; "),
  };
  return { status: 200, headers, body: received.mail.html ?? "" };
}
