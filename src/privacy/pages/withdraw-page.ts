import type { IntakeReply } from "../../intake/intake-request.ts";
import { escapeHtml } from "../../intake/page.ts";
import type { Actor } from "../../ledger/ledger.ts";
import { type ConsentEvent, latestConsent, type Purpose, standingConsents } from "../../model/consent.ts";
import { grantBefore } from "../consent-events.ts";
import { buttonForm, list, type PageWriter, paragraph } from "./person-page.ts";
import type { PageContext, Visit } from "./visit.ts";

const actor: Actor = { type: "person", name: "withdrawal link" };

/** Where a person withdraws consent. Looking at it changes nothing; a mail program's one-click post (RFC 8058) withdraws at once. */
export async function withdrawPage(visit: Visit, context: PageContext): Promise<IntakeReply> {
  const { lead, token, posted, writer } = visit;
  const { reply, texts } = writer;
  const open = await withdrawable(visit, context);
  if (open.length === 0) return reply(texts.nothing);
  if (!posted) return reply(texts.withdraw, choices(visit, open));
  const oneClick = posted.get("List-Unsubscribe")?.includes("One-Click") ?? false;
  const asked = oneClick ? token.purposes : (posted.get("purpose") ?? []);
  const chosen = oneClick && asked.length === 0 ? open : open.filter((purpose) => asked.includes(purpose));
  if (oneClick && chosen.length === 0) return reply(texts.nothing);
  if (chosen.length === 0) {
    return reply(texts.withdraw, `<div role="alert">${paragraph(texts.withdraw.none)}</div>\n${choices(visit, open)}`);
  }
  const at = context.now();
  for (const purpose of chosen) await context.desk.withdraw(lead.id, { purpose, source: "link", at }, actor);
  const granted = chosen.filter((purpose) => latestConsent(lead.consents, purpose)?.action === "granted");
  const { done } = texts;
  const undo =
    granted.length === 0
      ? ""
      : paragraph(done.undo) + buttonForm(done.keep, { token: context.links.keep(lead.id, granted, at) });
  return reply(done, `${list(chosen.map(writer.purposeName))}${paragraph(done.told)}${undo}`);
}

/** Where a person takes back, for a while, a withdrawal they did not mean: an act of consent, with its wording shown. */
export async function keepPage({ lead, token, posted, writer }: Visit, context: PageContext): Promise<IntakeReply> {
  const { reply, texts, wording } = writer;
  const at = token.at ?? 0;
  const grants = token.purposes.flatMap((purpose) => grantBefore(lead.consents, purpose, at) ?? []);
  if (grants.length === 0 || context.now() >= (token.expiresAt ?? 0)) return reply(texts.tooLate);
  const words = grants.map(wording).join("");
  if (!posted) return reply(texts.keepAsk, `${words}${buttonForm(texts.done.keep)}`);
  for (const { purpose } of grants) await context.desk.restore(lead.id, { purpose, at }, actor);
  return reply(texts.kept, words);
}

/**
 * What can be withdrawn: all that was given, and what the link is for, which may rest on another basis than consent. When that was
 * withdrawn before, the link, which never expires, is for what the person has agreed to with another form since.
 */
async function withdrawable({ lead, token }: Visit, { desk }: PageContext): Promise<Purpose[]> {
  const { consents } = lead;
  const own = givenIn(consents);
  const withdrawn = token.purposes.filter((purpose) => latestConsent(consents, purpose)?.action === "withdrawn");
  const objectable = token.purposes.filter((purpose) => !withdrawn.includes(purpose));
  const isSpent = token.purposes.length > 0 ? withdrawn.length > 0 : own.length === 0;
  const others = isSpent ? (await desk.othersOf(lead)).flatMap((other) => givenIn(other.consents)) : [];
  const since = token.purposes.length > 0 ? others.filter((purpose) => withdrawn.includes(purpose)) : others;
  return [...new Set([...objectable, ...since, ...own])];
}

function givenIn(events: readonly ConsentEvent[]): Purpose[] {
  const given = standingConsents(events).filter(({ action }) => action === "granted" || action === "requested");
  return given.map(({ purpose }) => purpose);
}

/** Those the link is for are ticked already; a link for none in particular ticks the only one there is. */
function choices({ lead, token, writer }: Visit, open: readonly Purpose[]): string {
  const ticked = token.purposes.length > 0 ? token.purposes : open.length === 1 ? open : [];
  const boxes = open.map((purpose, index) => choice(purpose, index, ticked.includes(purpose), lead.consents, writer));
  return buttonForm(writer.texts.withdraw.button, { inside: boxes.join("") });
}

function choice(
  purpose: Purpose,
  index: number,
  ticked: boolean,
  events: readonly ConsentEvent[],
  { purposeName, wording }: PageWriter,
): string {
  const event = latestConsent(events, purpose);
  const id = `purpose-${index}`;
  const attributes = `id="${id}" name="purpose" value="${escapeHtml(purpose)}"${ticked ? " checked" : ""}`;
  const label = `<label for="${id}">${escapeHtml(purposeName(purpose))}</label><input type="checkbox" ${attributes}>`;
  const words = event ? wording(event) : "";
  const repeats = words === paragraph(purposeName(purpose));
  return `<div>\n${label}\n${repeats ? "" : words}</div>\n`;
}
