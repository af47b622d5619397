import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startSandbox } from "../../src/sandbox/index.ts";
import { type Ended, runLeadkeep, startLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

const agreed = [
  "--basis",
  "consent",
  "--purpose",
  "enquiry",
  "--consent-text",
  "You may call.",
  "--consent-at",
  "2025-01-01",
];
const weighed = ["--basis", "legitimate-interest"];

type Shown = Record<string, unknown> & { lead_id: string; deliveries: { destination: string; state: string }[] };

/** A folder with a file to import, and the command line in it. */
function aFile(content: string | Buffer, { name = "leads.csv", dotenv = "" } = {}) {
  const folder = aFolder();
  writeFileSync(join(folder, name), content);
  writeFileSync(join(folder, ".env"), dotenv);
  const leadkeep = (...args: string[]) => runLeadkeep(args, { folder });
  const run = (...args: string[]): Promise<Ended> => leadkeep("import", name, "--form", "contact", ...args);
  return {
    folder,
    leadkeep,
    import: run,
    report: async (...args: string[]) => JSON.parse((await run("--json", ...args)).stdout),
    leads: async (): Promise<Shown[]> => JSON.parse((await leadkeep("leads", "--json")).stdout),
  };
}

test("a lead of another system looks like one that came by the form, with its own time and its consent", async () => {
  const file = aFile(
    [
      "E-Mail;Telefon;Vorname;Anfrage;Eingang;Notiz;utm_source",
      'Ada@Example.com;020 7946 0018;Ada;"Hello\r\nthere; you";31.12.2025 14:05;secret;google',
    ].join("\r\n"),
  );
  const map = "Telefon=phone,Vorname=first_name,Anfrage=message,Notiz=";
  const { code, stdout } = await file.import(
    ...agreed,
    "--map",
    map,
    "--received-column",
    "Eingang",
    "--consent-version",
    "7",
  );
  expect([code, stdout.split("\n")[0]]).toEqual([0, "leads.csv: 1 row"]);
  const [lead] = await file.leads();
  expect(lead).toMatchObject({
    ...{ email: "ada@example.com", phone: "+442079460018", name: "Ada", first_name: "Ada", form_name: "contact" },
    ...{ submitted_at: "2025-12-31T14:05:00.000Z", message: "Hello\r\nthere; you", state: "active", deliveries: [] },
    source: { utm_source: "google" },
    consents: [
      {
        purpose: "enquiry",
        action: "granted",
        text: "You may call.",
        version: "7",
        at: "2025-01-01T00:00:00.000Z",
        source: "import",
      },
    ],
    ...{ ip_address: null, user_agent: null },
  });
  expect(lead?.form_data).toEqual({
    ...{ "E-Mail": "Ada@Example.com", phone: "020 7946 0018", first_name: "Ada", message: "Hello\r\nthere; you" },
    ...{ Eingang: "31.12.2025 14:05", utm_source: "google" },
  });
});

test("without a legal basis nothing is imported, and what it takes is explained", async () => {
  const file = aFile("email\na@example.com\n");
  const none = await file.import();
  expect([none.code, none.stdout]).toEqual([2, ""]);
  for (const told of ["--basis consent", "--basis legitimate-interest", "--consent-text", "--purpose"])
    expect(none.stderr).toContain(told);
  const half = await file.import("--basis", "consent");
  expect(half.code).toBe(2);
  for (const told of ["--purpose", "--consent-text", "--consent-at"]) expect(half.stderr).toContain(told);
  expect(await file.leads()).toEqual([]);
});

test("importing twice doubles nothing, and a run that broke off goes on", async () => {
  const file = aFile("email\na@example.com\na@example.com\nb@example.com\n");
  expect(await file.report(...weighed)).toMatchObject({ rows: 3, imported: 2, repeated: 1, known_persons: 0 });
  writeFileSync(join(file.folder, "leads.csv"), "email\na@example.com\nb@example.com\nc@example.com\n");
  expect(await file.report(...weighed)).toMatchObject({ rows: 3, imported: 1, repeated: 2 });
  expect(await file.leads()).toHaveLength(3);
});

test("with ids of the other system a changed row is still the same lead, and those of two systems are told apart", async () => {
  const file = aFile("id,email\n1,a@example.com\n,b@example.com\n");
  const ids = [...weighed, "--id-column", "id"];
  expect(await file.import(...ids)).toMatchObject({ code: 2, stderr: expect.stringContaining("--source is lacking") });
  expect(await file.report(...ids, "--source", "old-crm")).toMatchObject({
    ...{ imported: 1, rejected: 1 },
    problems: [{ line: 3, message: "id: is empty" }],
  });
  writeFileSync(join(file.folder, "leads.csv"), "id,email\n1,changed@example.com\n");
  expect(await file.report(...ids, "--source", "old-crm")).toMatchObject({ imported: 0, repeated: 1 });
  expect(await file.report(...ids, "--source", "other")).toMatchObject({ imported: 1, repeated: 0 });
});

test("who was erased is not brought back, unless the row is shown to be younger", async () => {
  const file = aFile("email,phone,at\na@example.com,,2025-01-01\n,+442079460018,2025-01-01\n");
  await file.report(...weighed);
  expect((await file.leadkeep("erase", "a@example.com", "--yes")).code).toBe(0);
  expect((await file.leadkeep("erase", "+442079460018", "--yes")).code).toBe(0);
  writeFileSync(
    join(file.folder, "leads.csv"),
    "email,phone,at\nA@example.com,,2025-01-02\nb@example.com,020 7946 0018,2025-01-02\n",
  );
  expect(await file.report(...weighed)).toMatchObject({ imported: 0, erased_persons: 2, rejected_file: null });
  expect(await file.report(...weighed, "--received-column", "at")).toMatchObject({ imported: 0, erased_persons: 2 });
});

test("people who have a lead already are counted", async () => {
  const file = aFile("email,n\na@example.com,1\n");
  await file.report(...weighed);
  writeFileSync(join(file.folder, "leads.csv"), "email,n\na@example.com,2\nb@example.com,3\nb@example.com,4\n");
  expect(await file.report(...weighed)).toMatchObject({ imported: 3, known_persons: 2 });
});

test("rows that become no lead are written beside the file with line and reason, for this user only", async () => {
  const file = aFile('email,name,ok\nnobody,"=1+1",yes\na@example.com,A,perhaps\nb@example.com,B,yes\n');
  const { code, stdout } = await file.import(...agreed, "--consent-column", "ok");
  expect(code).toBe(1);
  expect(stdout).toMatch(/rejected +2 +see leads\.csv\.rejected\.csv/);
  const path = join(file.folder, "leads.csv.rejected.csv");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readFileSync(path, "utf8").split("\r\n").slice(1)).toEqual([
    `"nobody","'=1+1","yes","no usable e-mail address or phone number (email)","2"`,
    '"a@example.com","A","perhaps","the consent\'s column says neither yes nor no","3"',
    "",
  ]);
  await file.import(...agreed, "--consent-column", "ok");
  expect(readdirSync(file.folder)).toContain("leads.csv.rejected-2.csv");
});

test("a no is recorded as one, and who was not asked has no consent", async () => {
  const file = aFile("email,ok\na@example.com,no\nb@example.com,\n");
  await file.report(...agreed, "--consent-column", "ok");
  const leads = await file.leads();
  expect(leads.map(({ email, consents }) => [email, consents]).sort()).toEqual([
    ["a@example.com", [expect.objectContaining({ action: "refused" })]],
    ["b@example.com", []],
  ]);
});

test("--dry-run counts, tells the first problems by line, and changes nothing", async () => {
  const file = aFile("email\na@example.com\nnobody\n");
  const { code, stdout } = await file.import(...weighed, "--dry-run");
  expect(code).toBe(1);
  expect(stdout).toMatch(/would be imported +1\n/);
  expect(stdout).toContain("  line 3: no usable e-mail address or phone number (email)\n");
  expect(stdout).toContain("Nothing has been changed.");
  expect(await file.leads()).toEqual([]);
  expect(readdirSync(file.folder)).not.toContain("leads.csv.rejected.csv");
});

test.each([
  ["windows-1252", Buffer.from("email,name\na@example.com,J\u00fcrgen\n", "latin1")],
  ["utf-8", Buffer.from("\ufeffemail,name\na@example.com,J\u00fcrgen\n")],
  ["utf-16le", Buffer.from("\ufeffemail,name\na@example.com,J\u00fcrgen\n", "utf16le")],
])("the encoding is found: %s", async (encoding, bytes) => {
  const file = aFile(bytes);
  expect(await file.report(...weighed)).toMatchObject({ encoding, imported: 1 });
  expect((await file.leads())[0]).toMatchObject({ email: "a@example.com", name: "J\u00fcrgen" });
});

test("one JSON object a line is imported as well", async () => {
  const file = aFile('{"email":"a@example.com","tags":["x","y"]}\n', { name: "leads.jsonl" });
  expect(await file.report(...weighed)).toMatchObject({ format: "jsonl", imported: 1 });
  expect((await file.leads())[0]?.form_data).toEqual({ email: "a@example.com", tags: ["x", "y"] });
});

test.each([
  [["--received-column", "when"], 2, 'The file has no column "when".'],
  [["--map", "Phone=phone"], 2, 'The file has no column "Phone".'],
  [["--map", "nonsense"], 1, '"nonsense" is no column=field'],
  [["--map", "email=_key"], 1, '"_key" cannot be a field\'s name'],
  [["--map-file", "nowhere.json"], 1, "nowhere.json cannot be read"],
  [["--deliver", "hubspot"], 1, "do not go to hubspot"],
  [["--delimiter", ";;"], 2, "Write one character"],
  [["--purpose", "marketing"], 2, "takes no --purpose"],
  [["--basis", "because"], 2, "Allowed choices are consent"],
])("%j is refused in words", async (args, code, told) => {
  const file = aFile("email\na@example.com\n");
  const ended = await file.import(...weighed, ...args);
  expect(ended).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(told) });
  expect(ended.stderr).not.toContain("should not have happened");
});

test("what a file holds cannot speak to the terminal", async () => {
  const file = aFile("email,\u001b[2Jx\nnobody,1\n");
  const { stdout, stderr } = await file.import(...weighed, "--received-column", "\u001b]0;y\u0007");
  expect(stdout + stderr).not.toContain("\u001b");
});

test("a running gateway delivers imported leads where they are to go, and mails nobody unless told by name", async () => {
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const dotenv = [
    `CRM_WEBHOOK_URL=${sandbox.vendors.webhook.url}`,
    `SMTP_URL=${sandbox.mail.url}`,
    "MAIL_FROM=us@example.com\nMAIL_TO=team@example.com",
    "LEADKEEP_ALLOW_PRIVATE_NETWORK=1\nLEADKEEP_LOG_LEVEL=warn\nPORT=0",
  ].join("\n");
  const file = aFile("email\na@example.com\n", { dotenv });
  await startLeadkeep(["start"], { folder: file.folder }).said(/listening on/);
  expect(await file.report(...agreed, "--deliver", "all")).toMatchObject({ deliveries: { webhook: 1 } });
  await until(() => sandbox.vendors.webhook.received.length === 1);
  expect(sandbox.vendors.webhook.received[0]?.json).toMatchObject({ email: "a@example.com", consent_given: true });
  await until(async () => (await file.leads())[0]?.deliveries[0]?.state === "delivered");
  expect((await file.leads())[0]?.deliveries).toHaveLength(1);
});
