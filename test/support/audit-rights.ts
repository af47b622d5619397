import { mark } from "./audit-marks.ts";
import { type AuditSite, deliveryOf, urlencoded } from "./audit-site.ts";
import type { Visitor } from "./audit-visitor.ts";
import { echoOf, setWeather, unprocessable } from "./audit-weather.ts";
import { until } from "./until.ts";

/** A visitor who ticked a box that is to be confirmed, and the links in their mails. */
type Asked = { who: Visitor; lead: string; links: string[] };

/**
 * Consent confirmed and withdrawn by links, by commands and the API; people exported and erased, in good weather and bad. Resolves
 * to the number of a visitor who was erased and has not come back.
 */
export async function exerciseRights(site: AuditSite): Promise<number> {
  const { gateway, sandbox, post, settled } = site;
  const first = await askedToConfirm(site);
  const { email: identifier } = first.who;
  await pressAll(gateway, first);
  await gateway.leadkeep("withdraw", first.lead, "enquiry");
  await gateway.leadkeep("grant", first.lead, "enquiry", "--text", mark("personal", "wording"));
  await settled();
  await gateway.leadkeep("export", identifier);
  await gateway.leadkeep("erase", identifier, "--dry-run");
  await gateway.leadkeep("erase", identifier, "--yes");
  await settled();
  await gateway.leadkeep("erase", identifier, "--status");
  const { "idempotency-key": _, ...headers } = first.who.headers;
  await post("of an erased person, again", { ...first.who, headers }, "news");

  const second = await askedToConfirm(site);
  const erased = site.visitors();
  const person = { identifier: second.who.email };
  setWeather(sandbox, unprocessable, echoOf(second.who), 0.6);
  await pressAll(gateway, second);
  const withdrawal = { purpose: "enquiry", action: "withdrawn", text: mark("personal", "wording") };
  await gateway.api("POST", `/leads/${second.lead}/consents`, { body: withdrawal });
  await gateway.api("POST", "/subjects/export", { body: person });
  await gateway.api("POST", "/subjects/erase", { body: { ...person, confirm: person.identifier } });
  await settled();
  await gateway.api("POST", "/subjects/status", { body: person });
  await gateway.api("POST", "/deliveries/replay", { body: { ids: [deliveryOf(second.lead)] } });
  await gateway.stop("SIGKILL");
  setWeather(sandbox, null);
  await gateway.start();
  await site.resumeAll();
  await settled();
  return erased;
}

async function askedToConfirm({ sandbox, visitor, post, tried }: AuditSite): Promise<Asked> {
  const who = visitor();
  const lead = await post("with a box to confirm", who, "news");
  await tried(lead);
  return { who, lead, links: await until(() => linksTo(sandbox, who.email), 60_000) };
}

async function pressAll(gateway: AuditSite["gateway"], { who, links }: Asked): Promise<void> {
  const { headers } = who;
  for (const link of links) {
    const path = new URL(link).pathname;
    const press = { headers: { ...headers, ...urlencoded }, body: "" };
    await gateway.ask("the page of a link", path, { method: "GET", headers });
    await gateway.ask("the page of a link with a letter too many", `${path}x`, { method: "GET", headers });
    await gateway.ask("the button of a link", path, press);
    await gateway.ask("the button of a link, again", path, press);
    await gateway.ask("a link asked in a way it is not", path, { method: "DELETE", headers });
  }
}

/** Links in the mails to somebody. */
function linksTo(sandbox: AuditSite["sandbox"], address: string): string[] | null {
  const mails = sandbox.mail.received.filter(({ envelope }) => envelope.to.includes(address));
  const links = mails.flatMap(({ mail }) => mail.text?.match(/https:\/\/leads\.example\.com\/[cu]\/[\w.-]+/g) ?? []);
  const confirms = links.filter((link) => link.includes("/c/"));
  return confirms.length > 0 ? [...new Set([...confirms, ...links])] : null;
}
