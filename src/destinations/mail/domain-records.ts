import { Resolver } from "node:dns/promises";
import type { CheckResult } from "../../model/destination.ts";

export type DomainLookup = {
  /** The DKIM selector; null when the operator has not named it. */
  selector: string | null;
  /** DNS servers to ask; null for the machine's. */
  servers: readonly string[] | null;
};

/** TXT records of a name; `unknown` when nobody could tell. */
type Records = { type: "records"; texts: string[] } | { type: "unknown" };
type Lookup = (name: string) => Promise<Records>;

/** Selectors the large providers have their customers publish; enough to find most keys without being told. */
const usualSelectors = [
  "google",
  "selector1",
  "selector2",
  "resend",
  "s1",
  "s2",
  "k1",
  "k2",
  "mail",
  "dkim",
  "default",
];
const absent = new Set(["ENOTFOUND", "ENODATA"]);

/**
 * SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) of a domain mail is sent from. Without them mail lands among the spam or
 * is refused: Google asks every sender for SPF or DKIM, per https://support.google.com/a/answer/81126 (read 2026-11).
 */
export async function checkDomain(domain: string, { selector, servers }: DomainLookup): Promise<CheckResult[]> {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers) resolver.setServers(servers);
  const lookup: Lookup = (name) => textRecords(resolver, name);
  return Promise.all([spf(domain, lookup), dkim(domain, selector, lookup), dmarc(domain, lookup)]);
}

async function spf(domain: string, lookup: Lookup): Promise<CheckResult> {
  const what = `SPF of ${domain}`;
  const found = await lookup(domain);
  if (found.type === "unknown") return unknown(what);
  const records = found.texts.filter((text) => /^v=spf1(?:\s|$)/i.test(text));
  if (records.length === 0) {
    const cure = `Publish a TXT record at ${domain} that names your mail provider, such as "v=spf1 include:<provider> ~all".`;
    return { what, result: "warning", detail: "there is no SPF record", cure };
  }
  if (records.length > 1) {
    const cure = "Merge them into one record: with several, receivers ignore all (RFC 7208 §4.5).";
    return { what, result: "problem", detail: `there are ${records.length} SPF records`, cure };
  }
  if (/(?:^|\s)\+?all(?:\s|$)/i.test(records[0] ?? "")) {
    const cure = 'End it with "~all" or "-all".';
    return { what, result: "problem", detail: "it lets the whole world send as this domain (+all)", cure };
  }
  return { what, result: "ok", detail: "published" };
}

async function dkim(domain: string, selector: string | null, lookup: Lookup): Promise<CheckResult> {
  const what = `DKIM of ${domain}`;
  const selectors = selector === null ? usualSelectors : [selector];
  const found = await Promise.all(selectors.map((one) => lookup(`${one}._domainkey.${domain}`)));
  const at = found.findIndex((one) => one.type === "records" && one.texts.some(isKey));
  if (at >= 0) return { what, result: "ok", detail: `a key is published under the selector "${selectors[at]}"` };
  if (found.every(({ type }) => type === "unknown")) return unknown(what);
  if (selector === null) {
    const cure = "Turn DKIM on at your mail provider, and name its selector (option dkimSelector) to have it checked.";
    return { what, result: "warning", detail: "no key under a usual selector; there may be one under another", cure };
  }
  const cure = `Publish the key your mail provider gives you at ${selector}._domainkey.${domain}.`;
  return { what, result: "problem", detail: `there is no key under the selector "${selector}"`, cure };
}

/** A key without a value has been revoked (RFC 6376 §3.6.1). */
function isKey(text: string): boolean {
  return /(?:^|;)\s*p\s*=\s*[a-z0-9+/]/i.test(text);
}

/** The record of a parent domain holds for its subdomains. */
async function dmarc(domain: string, lookup: Lookup): Promise<CheckResult> {
  const what = `DMARC of ${domain}`;
  const labels = domain.split(".");
  for (let skipped = 0; labels.length - skipped >= 2; skipped += 1) {
    const name = labels.slice(skipped).join(".");
    const found = await lookup(`_dmarc.${name}`);
    if (found.type === "unknown") return unknown(what);
    const records = found.texts.filter((text) => /^v=DMARC1\s*;/i.test(text));
    if (records.length > 1) {
      const cure = "Leave one: with several, receivers ignore all (RFC 7489 §6.6.3).";
      return { what, result: "problem", detail: `there are ${records.length} DMARC records at ${name}`, cure };
    }
    const policy = /;\s*p\s*=\s*(none|quarantine|reject)\b/i.exec(records[0] ?? "")?.[1];
    if (policy) return { what, result: "ok", detail: `published at ${name}, policy "${policy.toLowerCase()}"` };
    if (records.length > 0) {
      return { what, result: "problem", detail: `the record at ${name} has no policy`, cure: 'Add "p=none" to it.' };
    }
  }
  const cure = `Publish a TXT record at _dmarc.${domain}, at first "v=DMARC1; p=none; rua=mailto:<an address of yours>".`;
  return { what, result: "warning", detail: "there is no DMARC record", cure };
}

function unknown(what: string): CheckResult {
  const cure = "See that this machine can ask DNS, and check again.";
  return { what, result: "warning", detail: "could not be looked up", cure };
}

async function textRecords(resolver: Resolver, name: string): Promise<Records> {
  try {
    return { type: "records", texts: (await resolver.resolveTxt(name)).map((parts) => parts.join("")) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return absent.has(code) ? { type: "records", texts: [] } : { type: "unknown" };
  }
}
