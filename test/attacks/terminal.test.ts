import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { ask } from "../support/http.ts";
import { type Ended, type RunningCommand, spawnLeadkeep } from "../support/leadkeep-command.ts";
import { until } from "../support/until.ts";

/** Titles, screens cleared, colours, links, the clipboard, C1 controls, lines, erased and turned text. */
const escapes =
  "\x1b]0;pwned\x07\x1b[2J\x1b[31m\x1b]8;;https://example.com\x1b\\x\x1b]52;c;cHduZWQ=\x07\x9b31m\r\nFORGED LINE\n\x08\x7f\u202eevil\u2066\u2028x";
/** What of it must never reach a terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const commanding = /[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\r(?!\n)/u;

let folder: string;
let gateway: RunningCommand;
let logged: () => Promise<Ended>;
let lead: string;
let delivery: string;
const ends: (() => unknown)[] = [];

/** A destination that refuses every lead, in words meant for a terminal, and says them back. */
async function aHostileDestination(): Promise<string> {
  const server = createServer((request, response) => {
    request.resume().once("end", () => {
      response.writeHead(422, { "content-type": "application/json" });
      response.end(JSON.stringify({ message: escapes, [escapes]: escapes }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "leadkeep-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const dotenv = {
    LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
    LEADKEEP_LOG_LEVEL: "debug",
    LEADKEEP_VERIFY_AT: "never",
    PORT: "0",
    CRM_WEBHOOK_URL: await aHostileDestination(),
    SMTP_URL: "smtp://127.0.0.1:9",
    MAIL_FROM: "hello@example.com",
    MAIL_TO: "team@example.com",
  };
  writeFileSync(
    join(folder, ".env"),
    Object.entries(dotenv)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
  writeFileSync(
    join(folder, "import.jsonl"),
    `${JSON.stringify({ email: `x${escapes}@example.com`, [escapes]: escapes })}\n`,
  );
  gateway = spawnLeadkeep(["start"], { folder });
  ends.push(async () => {
    gateway.signal("SIGKILL");
    await gateway.ended;
  });
  logged = () => {
    gateway.signal("SIGTERM");
    return gateway.ended;
  };
  const [, url = ""] = await gateway.said(/listening on (http:\S+)/);
  const fields = {
    name: escapes,
    company: escapes,
    message: escapes,
    [escapes]: escapes,
    page_url: `https://example.com/${escapes}`,
  };
  const attribution = { utm_source: escapes, utm_campaign: escapes, timezone: escapes };
  const body = { email: "ada@example.com", consent: "on", ...fields, ...attribution, _consent_text: escapes };
  const headers = {
    "content-type": "application/json",
    "user-agent": "a\x9b31m\xadb",
    referer: "https://example.com/\x9b",
  };
  const answer = await ask(`${url}/f/contact`, { headers, body });
  lead = JSON.parse(answer.body).lead_id;
  // It looks like spam.
  await run(["release", lead]);
  delivery = await until(async () => {
    const { stdout } = await run(["show", lead, "--json"]);
    const { deliveries } = JSON.parse(stdout) as { deliveries: { id: string; kind: string; state: string }[] };
    return deliveries.find(({ kind, state }) => kind === "webhook" && state === "dead")?.id;
  });
}, 60_000);

afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

function run(args: string[]): Promise<Ended> {
  // To a file CSV goes as it was typed; so that command is told that it writes to a terminal.
  const isTerminal = { NODE_OPTIONS: "--import=data:text/javascript,process.stdout.isTTY=true" };
  return spawnLeadkeep(args, { folder, variables: args.includes("--csv") ? isTerminal : {} }).ended;
}

/** Every command, as it is called to show a lead. In this order: the last ones change what there is. */
const calls = (): Record<string, string[][]> => ({
  leads: [["leads"], ["leads", "--json"], ["leads", "--csv"]],
  show: [
    ["show", lead],
    ["show", lead, "--json"],
    ["show", escapes],
  ],
  alerts: [["alerts"], ["alerts", "--json"]],
  replay: [
    ["replay", "--dead", "--dry-run"],
    ["replay", delivery, "--dry-run", "--json"],
    ["replay", escapes],
  ],
  resync: [
    ["resync", "webhook", "--dry-run"],
    ["resync", escapes],
  ],
  verify: [["verify"], ["verify", escapes]],
  import: [["import", "import.jsonl", "--form", "contact", "--dry-run"]],
  export: [["export", "ada@example.com", "--dry-run"]],
  withdraw: [["withdraw", "ada@example.com", "enquiry", "--dry-run"]],
  erase: [
    ["erase", "ada@example.com", "--dry-run"],
    ["erase", escapes],
  ],
  retention: [["retention", "--dry-run"]],
  mail: [["mail", "preview", escapes]],
  setup: [["setup", escapes]],
  doctor: [["doctor"], ["doctor", escapes]],
  release: [["release", lead]],
  quarantine: [["quarantine", lead]],
  grant: [
    ["grant", lead, "marketing"],
    ["grant", lead, escapes],
  ],
  pause: [
    ["pause", "webhook"],
    ["pause", escapes],
  ],
  resume: [["resume", "webhook"]],
  __complete: [
    ["__complete", "show", ""],
    ["__complete", "replay", ""],
    ["__complete", escapes],
  ],
});
/** Show nothing that a visitor typed: they are about the machine or the site. */
const others = ["init", "start", "demo", "sign-in", "migrate", "backup", "restored", "rotate-keys", "completion"];

test("every command is tried, or is known to show nothing of a lead", () => {
  const names = createProgram().commands.map((command) => command.name());
  expect(names.filter((name) => !(name in calls()) && !others.includes(name))).toEqual([]);
});

test("terminal escapes: whatever a visitor or a destination says, no command hands it to the terminal", async () => {
  const shown: string[] = [];
  for (const tries of Object.values(calls())) {
    // Those of one command may run at once.
    for (const [index, { stdout, stderr }] of (await Promise.all(tries.map(run))).entries()) {
      const said = stdout + stderr;
      const what = tries[index]?.map((one) => (one === escapes ? "…" : one)).join(" ");
      expect([what, commanding.exec(said)?.index === undefined ? "" : JSON.stringify(said.slice(0, 2_000))]).toEqual([
        what,
        "",
      ]);
      // An argument is the operator's own, and may have several lines.
      if (!what?.includes("…")) expect([what, /^FORGED LINE/m.test(said)]).toEqual([what, false]);
      if (said.includes("pwned")) shown.push(what ?? "");
    }
  }
  // It was there to be shown.
  expect(shown).toContain("leads");
  expect(shown).toContain(`show ${lead}`);
}, 180_000);

test("log injection: the log is one JSON object a line, and nothing of what was typed or said is in it", async () => {
  const { stdout } = await logged();
  const lines = stdout.trimEnd().split("\n");
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: expect.any(Number) });
  expect(stdout).not.toMatch(commanding);
  expect(stdout).not.toMatch(/pwned|FORGED|ada@example/);
});
