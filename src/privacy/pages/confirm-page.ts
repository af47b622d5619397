import type { IntakeReply } from "../../intake/intake-request.ts";
import { escapeHtml } from "../../intake/page.ts";
import type { Actor } from "../../ledger/ledger.ts";
import { type ConsentEvent, latestConsent } from "../../model/consent.ts";
import { requestUpTo } from "../consent-events.ts";
import type { PersonToken } from "../person-links.ts";
import { buttonForm, type PageWriter, paragraph } from "./person-page.ts";
import type { PageContext, Visit } from "./visit.ts";

const actor: Actor = { type: "person", name: "confirmation link" };
const resendField = '<input type="hidden" name="resend" value="1">\n';

/** Where a person confirms what they agreed to on a form. Looking at it changes nothing: mail scanners open links too. */
export async function confirmPage({ lead, token, posted, writer }: Visit, context: PageContext): Promise<IntakeReply> {
  const { desk, links, now } = context;
  const { texts, reply, wording } = writer;
  const waiting = token.purposes.flatMap((purpose) => requestUpTo(lead.consents, purpose, token.at ?? 0) ?? []);
  if (waiting.length === 0) return reply(settled(lead.consents, token, writer));
  if (token.expiresAt !== null && now() >= token.expiresAt) {
    if (posted?.has("resend"))
      return reply({ sent: texts.resent, limit: texts.limit, nothing_waits: texts.void }[await desk.resend(lead.id)]);
    return reply(texts.expired, buttonForm(texts.expired.button, { inside: resendField }));
  }
  if (!posted) {
    const { ask, button } = texts.confirm;
    return reply(texts.confirm, `${waiting.map(wording).join("")}${paragraph(ask)}${buttonForm(button)}`);
  }
  for (const { purpose, at } of waiting) await desk.confirm(lead.id, { purpose, at }, actor);
  const withdraw = links.withdraw(lead);
  const link =
    withdraw === null ? "" : `<p><a href="${escapeHtml(withdraw)}">${escapeHtml(texts.withdraw.title)}</a></p>\n`;
  return reply(texts.confirmed, `${waiting.map(wording).join("")}${link}`);
}

/** Why nothing waits any more. */
function settled(events: readonly ConsentEvent[], { purposes }: PersonToken, { texts }: PageWriter) {
  const actions = purposes.map((purpose) => latestConsent(events, purpose)?.action);
  if (actions.includes("granted")) return texts.already;
  return actions.includes("withdrawn") ? texts.wasWithdrawn : texts.void;
}
