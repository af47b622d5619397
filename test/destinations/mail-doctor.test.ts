import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDomain } from "../../src/destinations/mail/domain-records.ts";
import type { CheckResult } from "../../src/model/destination.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { aDnsServer } from "../support/dns.ts";
import { runLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

type Records = Parameters<typeof aDnsServer>[0];

async function check(records: Records, selector: string | null = null): Promise<Record<string, CheckResult>> {
  const servers = [await aDnsServer(records)];
  const [spf, dkim, dmarc] = await checkDomain("mail.example.com", { selector, servers });
  if (!spf || !dkim || !dmarc) throw new Error("a check is missing");
  return { spf, dkim, dmarc };
}

const good: Records = {
  "mail.example.com": ["unrelated", "v=spf1 include:spf.provider.example ~all"],
  "resend._domainkey.mail.example.com": [`v=DKIM1; k=rsa; p=${"A".repeat(400)}`],
  "_dmarc.mail.example.com": ["v=DMARC1; p=reject; rua=mailto:dmarc@example.com"],
};

test("a domain with SPF, DKIM and DMARC is fine", async () => {
  const { spf, dkim, dmarc } = await check(good);
  expect([spf?.result, dkim?.result, dmarc?.result]).toEqual(["ok", "ok", "ok"]);
  expect(dkim?.detail).toContain('"resend"');
  expect(dmarc?.detail).toContain('policy "reject"');
});

test("a domain with nothing is warned of, with what to publish", async () => {
  const { spf, dkim, dmarc } = await check({});
  expect([spf?.result, dkim?.result, dmarc?.result]).toEqual(["warning", "warning", "warning"]);
  expect(spf?.cure).toContain("v=spf1");
  expect(dkim?.cure).toContain("dkimSelector");
  expect(dmarc?.cure).toContain("_dmarc.mail.example.com");
});

test.each<[string, Records, string | null, "spf" | "dkim" | "dmarc"]>([
  ["two SPF records", { "mail.example.com": ["v=spf1 -all", "v=spf1 ~all"] }, null, "spf"],
  ["an SPF record that lets everybody send", { "mail.example.com": ["v=spf1 +all"] }, null, "spf"],
  ["a named selector without a key", { "x._domainkey.mail.example.com": ["v=DKIM1; p="] }, "x", "dkim"],
  [
    "a DMARC record without a policy",
    { "_dmarc.mail.example.com": ["v=DMARC1; rua=mailto:a@example.com"] },
    null,
    "dmarc",
  ],
  ["two DMARC records", { "_dmarc.mail.example.com": ["v=DMARC1; p=none", "v=DMARC1; p=reject"] }, null, "dmarc"],
])("%s is a problem", async (_, records, selector, which) => {
  expect((await check(records, selector))[which]?.result).toBe("problem");
});

test("the DMARC record of the parent domain holds too", async () => {
  const { dmarc } = await check({ "_dmarc.example.com": ["v=DMARC1; p=none"] });
  expect(dmarc).toMatchObject({ result: "ok", detail: 'published at example.com, policy "none"' });
});

test("a name server that does not answer is told apart from records that are not there", async () => {
  const { spf } = await check({ "mail.example.com": "silence" });
  expect(spf).toMatchObject({ result: "warning", detail: "could not be looked up" });
});

/** A folder with a config file whose DNS server is the test's. */
async function aConfig(records: Records, url = sandbox.mail.url): Promise<string> {
  const folder = aFolder();
  const destinations = fileURLToPath(new URL("../../src/destinations/index.ts", import.meta.url));
  const options = {
    smtpUrl: url,
    from: "Example <hello@mail.example.com>",
    dnsServers: [await aDnsServer(records)],
    onceEvery: "1h",
  };
  const code = `import { mailCustomer } from ${JSON.stringify(destinations)};
export default { destinations: { "mail-customer": mailCustomer(${JSON.stringify(options)}) } };`;
  writeFileSync(join(folder, "leadkeep.config.mts"), code);
  return folder;
}

test("doctor mail connects, looks the domain up, and sends a test mail to an address given", async () => {
  const folder = await aConfig(good);
  const ended = await runLeadkeep(["doctor", "mail", "--send-to", "me@example.com", "--json"], { folder });
  const results = JSON.parse(ended.stdout) as (CheckResult & { destination: string })[];
  expect(results.map(({ destination, result }) => [destination, result])).toEqual(
    Array.from({ length: 5 }, () => ["mail-customer", "ok"]),
  );
  expect([ended.code, sandbox.mail.inbox.map(({ envelope }) => envelope.to)]).toEqual([0, [["me@example.com"]]]);
});

test("doctor mail without an address to send to sends nothing", async () => {
  const ended = await runLeadkeep(["doctor", "mail"], { folder: await aConfig(good) });
  expect([ended.code, sandbox.mail.received]).toEqual([0, []]);
});

test("doctor mail names a refused password and the cure, and never the password", async () => {
  Object.assign(sandbox.mail.settings, { credentials: { user: "hello", pass: "right" } });
  const { host } = new URL(sandbox.mail.url);
  const folder = await aConfig(good, `smtp://hello:marked-password@${host}`);
  const ended = await runLeadkeep(["doctor", "mail", "--send-to", "me@example.com"], { folder });
  expect(ended.code).toBe(1);
  expect(ended.stdout).toContain("535 5.7.8");
  expect(ended.stdout).toContain("SMTP_URL");
  expect(ended.stdout + ended.stderr).not.toContain("marked-password");
  expect(sandbox.mail.received).toEqual([]);
});

test("mail preview writes both mails in every language, as HTML and as text", async () => {
  const folder = aFolder();
  const variables = {
    SMTP_URL: sandbox.mail.url,
    MAIL_FROM: "Example <hello@example.com>",
    MAIL_TO: "team@example.com",
  };
  const ended = await runLeadkeep(["mail", "preview", "--out", "shown"], { folder, variables });
  const files = ended.stdout.split("\n").flatMap((line) => /^\S+\.html/.exec(line)?.[0] ?? []);
  expect([ended.code, files]).toEqual([
    0,
    ["mail-team", "mail-customer"].flatMap((id) =>
      ["en", "en-text", "de", "de-text"].map((name) => join("shown", `${id}-${name}.html`)),
    ),
  ]);
  expect(readFileSync(join(folder, "shown", "mail-team-de.html"), "utf8")).toContain("Neue Anfrage");
  expect(sandbox.mail.received).toEqual([]);
});

test("mail preview says so when no mail is configured", async () => {
  const ended = await runLeadkeep(["mail", "preview"], { folder: aFolder() });
  expect([ended.code, ended.stderr]).toEqual([1, expect.stringContaining("No mail is configured")]);
});
