import { execFile, execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { signedHeaders } from "../../src/destinations/shared/sign.ts";
import { startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";

const page = readFileSync(new URL("../../docs/webhooks.md", import.meta.url), "utf8");

/** A request as a receiver gets it; the body is base64, so that no program on the way changes it. */
type Case = { secret: string; headers: Record<string, string>; body: string };

/** How the page's code in a language is run: what follows it answers a list of cases on stdin with a list of verdicts on stdout. */
type Language = {
  fence: string;
  file: string;
  command: string[];
  probe: string[];
  edit?(code: string): string;
  driver: string;
};

const languages: Record<string, Language> = {
  "Node.js": {
    fence: "ts",
    file: "receiver.ts",
    command: [process.execPath, "receiver.ts"],
    probe: [process.execPath, "--version"],
    driver: `
import { readFileSync } from "node:fs";
const cases = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(cases.map((one) => isFromLeadkeep(one.secret, new Headers(one.headers), Buffer.from(one.body, "base64")))));
`,
  },
  Python: {
    fence: "python",
    file: "receiver.py",
    command: ["python3", "receiver.py"],
    probe: ["python3", "--version"],
    driver: `
import json, sys
cases = json.load(sys.stdin)
print(json.dumps([is_from_leadkeep(c["secret"], c["headers"], base64.b64decode(c["body"])) for c in cases]))
`,
  },
  PHP: {
    fence: "php",
    file: "receiver.php",
    command: ["php", "receiver.php"],
    probe: ["php", "--version"],
    driver: `
$cases = json_decode(file_get_contents('php://stdin'), true);
echo json_encode(array_map(fn($c) => isFromLeadkeep($c['secret'], $c['headers'], base64_decode($c['body'])), $cases));
`,
  },
  Ruby: {
    fence: "ruby",
    file: "receiver.rb",
    command: ["ruby", "receiver.rb"],
    probe: ["ruby", "--version"],
    driver: `
require "json"
puts JSON.parse($stdin.read).map { |c| from_leadkeep?(c["secret"], c["headers"], c["body"].unpack1("m")) }.to_json
`,
  },
  Go: {
    fence: "go",
    file: "receiver.go",
    command: ["go", "run", "receiver.go", "main.go"],
    probe: ["go", "version"],
    edit: (code) => code.replace("package receiver", "package main"),
    driver: `package main

import ("encoding/base64"; "encoding/json"; "net/http"; "os")

func main() {
	var cases []struct { Secret, Body string; Headers map[string]string }
	json.NewDecoder(os.Stdin).Decode(&cases)
	verdicts := []bool{}
	for _, c := range cases {
		headers := http.Header{}
		for name, value := range c.Headers { headers.Set(name, value) }
		body, _ := base64.StdEncoding.DecodeString(c.Body)
		verdicts = append(verdicts, IsFromLeadkeep(c.Secret, headers, body))
	}
	json.NewEncoder(os.Stdout).Encode(verdicts)
}
`,
  },
};

for (const [name, language] of Object.entries(languages)) {
  test.skipIf(!isInstalled(language))(
    `receivers in ${name} believe what was signed here, and nothing else`,
    async () => {
      const { cases, verdicts } = await requests();
      const answered = await run(language, cases);
      expect(Object.fromEntries(answered.map((one, i) => [Object.keys(verdicts)[i], one]))).toEqual(verdicts);
    },
  );
}

function isInstalled({ probe: [command = "", ...args] }: Language): boolean {
  try {
    execFileSync(command, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A really delivered lead, what can happen to it on the way, and what a receiver has to think of each. */
async function requests(): Promise<{ cases: Case[]; verdicts: Record<string, boolean> }> {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const older = `whsec_${randomBytes(24).toString("base64")}`;
  const { headers, body } = await delivered(secret);
  const { "webhook-signature": signature = "" } = headers;
  const id = headers["webhook-id"] ?? "";
  const signed = (at: number, ...secrets: string[]) => ({
    ...headers,
    ...signedHeaders(body, { id, now: at, secrets }),
  });
  const now = Date.now();
  const { "webhook-signature": _signature, ...unsigned } = headers;
  const table: [string, boolean, Partial<Omit<Case, "body">> & { text?: string }][] = [
    ["as delivered", true, {}],
    ["signed with the new and the old secret", true, { headers: signed(now, secret, older), secret: older }],
    [
      "among signatures of other schemes",
      true,
      { headers: { ...headers, "webhook-signature": `v1a,AAAA v2,BBBB ${signature}` } },
    ],
    ["four minutes old", true, { headers: signed(now - 240_000, secret) }],
    ["a changed body", false, { text: body.replace("Grüße", "Grüsse") }],
    ["a body written anew", false, { text: `${body} ` }],
    ["another id", false, { headers: { ...headers, "webhook-id": `${id}x` } }],
    [
      "another time",
      false,
      { headers: { ...headers, "webhook-timestamp": String(Number(headers["webhook-timestamp"]) + 1) } },
    ],
    ["six minutes old", false, { headers: signed(now - 360_000, secret) }],
    ["six minutes ahead", false, { headers: signed(now + 360_000, secret) }],
    ["a foreign secret", false, { secret: older }],
    ["no signature", false, { headers: unsigned }],
    ["an empty signature", false, { headers: { ...headers, "webhook-signature": "v1," } }],
    ["another scheme", false, { headers: { ...headers, "webhook-signature": signature.replace("v1", "v2") } }],
    ["a time that is none", false, { headers: { ...headers, "webhook-timestamp": "today" } }],
    ["no headers at all", false, { headers: {} }],
  ];
  return {
    cases: table.map(([, , { text = body, ...changed }]) => ({
      secret,
      headers,
      body: Buffer.from(text).toString("base64"),
      ...changed,
    })),
    verdicts: Object.fromEntries(table.map(([what, verdict]) => [what, verdict])),
  };
}

async function delivered(secret: string): Promise<{ headers: Record<string, string>; body: string }> {
  const sandbox = await startSandbox();
  const gateway = await aGateway({
    variables: { CRM_WEBHOOK_URL: sandbox.vendors.webhook.url, CRM_WEBHOOK_SECRET: secret },
  });
  onTestFinished(async () => {
    await gateway.close();
    await sandbox.close();
  });
  await gateway.delivery(await gateway.post(aPerson({ message: "Grüße\n✓" })), "webhook", "delivered");
  const [arrived] = sandbox.vendors.webhook.received;
  if (!arrived) throw new Error("nothing arrived");
  return arrived;
}

async function run(
  { fence, file, command: [command = "", ...args], edit = (code) => code, driver }: Language,
  cases: Case[],
) {
  const blocks = page
    .slice(page.indexOf("## Is it from us?"))
    .matchAll(new RegExp(`^\`\`\`${fence}\\n(.*?)^\`\`\``, "gms"));
  const code = edit([...blocks].map(([, text]) => text).join(""));
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-receiver-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  if (file.endsWith(".go")) {
    writeFileSync(join(folder, file), code);
    writeFileSync(join(folder, "main.go"), driver);
  } else {
    writeFileSync(join(folder, file), code + driver);
  }
  return new Promise<boolean[]>((resolve, reject) => {
    const child = execFile(command, args, { cwd: folder }, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stderr}`)) : resolve(JSON.parse(stdout)),
    );
    child.stdin?.end(JSON.stringify(cases));
  });
}
