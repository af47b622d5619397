import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import type { PersonJson } from "../../src/privacy/subject-export.ts";
import { aGateway } from "../support/a-gateway.ts";
import { aConsent, aLead, aMoment, anEntry } from "../support/a-lead.ts";
import { runLeadkeep } from "../support/leadkeep-command.ts";
import { aLeadWithOutcome, aLedger, anActor, aRecipient, subjectOf, theRights } from "../support/rights.ts";
import { aFolder } from "../support/sqlite-file.ts";

const ada = "ada@example.com";
const touch = { url: "https://example.com/?utm_source=x", referrer: null, parameters: { utm_source: "x" }, at: 0 };

/** Ada's lead with something in every corner, delivered to `crm` as 4711. */
async function adasLedger() {
  const ledger = aLedger();
  const lead = aLead({
    email: ada,
    phone: "+442079460018",
    name: "Ada Lovelace",
    message: "=1+1",
    formData: { email: ada, message: "=1+1", size: ["38", "39"] },
    attribution: { url: null, referrer: null, parameters: { gclid: "AbC" }, from: "script", firstTouch: touch },
    consents: [aConsent({ locale: "en", recipients: ["CRM Ltd"], formVersion: "3" })],
  });
  await aLeadWithOutcome(ledger, { lead }, { type: "delivered", ref: "4711" });
  await ledger.accept(anEntry({ lead: aLead({ email: "bob@example.com" }) }));
  return { ledger, lead };
}

async function exported(ledger: Awaited<ReturnType<typeof adasLedger>>["ledger"]): Promise<Record<string, string>> {
  const rights = theRights(ledger);
  const zip = unzipSync(await rights.export(await subjectOf(rights, ada), anActor));
  return Object.fromEntries(Object.entries(zip).map(([name, bytes]) => [name, strFromU8(bytes)]));
}

test("the zip holds everything as JSON and as tables, and says in plain words what is what", async () => {
  const files = await exported((await adasLedger()).ledger);
  expect(Object.keys(files).sort()).toEqual([
    "README.txt",
    "consents.csv",
    "deliveries.csv",
    "leads.csv",
    "person.json",
  ]);
  for (const name of Object.keys(files).filter((one) => one !== "README.txt"))
    expect(files["README.txt"]).toContain(name);
  expect(files["README.txt"]).toContain("DEUTSCH");
});

test("the JSON has the lead whole: fields, consents with their wording, touches, attempts with their basis, ids there", async () => {
  const { ledger, lead } = await adasLedger();
  await ledger.noteWork(lead.id, { stage: "working", note: "called back" }, { now: aMoment, actor: anActor });
  const person = JSON.parse((await exported(ledger))["person.json"] ?? "") as PersonJson;
  expect(person.person).toEqual({ email: ada });
  expect(person.leads).toMatchObject([
    {
      lead_id: lead.id,
      form: "contact",
      state: "active",
      name: "Ada Lovelace",
      form_data: { size: ["38", "39"] },
      attribution: { parameters: { gclid: "AbC" }, first_touch: { url: touch.url, at: "1970-01-01T00:00:00.000Z" } },
      consents: [
        {
          purpose: "enquiry",
          action: "granted",
          text: "You may answer my enquiry.",
          locale: "en",
          recipients: ["CRM Ltd"],
          form_version: "3",
        },
      ],
      deliveries: [
        {
          destination: "crm",
          event: "lead.created",
          ref: "4711",
          attempts: [{ outcome: "delivered", basis: "consent" }],
        },
      ],
      work: { stage: "working", note: "called back" },
    },
  ]);
  expect(person.leads[0]?.acts.map(({ by }) => by)).toContain("command");
  expect(JSON.stringify(person)).not.toContain("bob@example.com");
});

test("the recipients are named with their role, purpose and lawful basis, former ones too", async () => {
  const { ledger } = await adasLedger();
  const need = { purpose: "enquiry", basis: "contract" as const, recipient: "Mail Ltd" };
  const rights = theRights(ledger, { destinations: [aRecipient({ id: "mail-team", kind: "mail-team", need })] });
  const { recipients } = await rights.exportJson(await subjectOf(rights, ada), anActor);
  expect(recipients).toEqual([
    {
      destination: "mail-team",
      kind: "mail-team",
      recipient: "Mail Ltd",
      role: "processor",
      purpose: "enquiry",
      lawful_basis: "contract",
    },
    { destination: "crm", kind: "webhook", recipient: null, role: null, purpose: null, lawful_basis: null },
  ]);
});

test("no cell of the tables is run as a formula", async () => {
  const files = await exported((await adasLedger()).ledger);
  expect(files["leads.csv"]).toContain(`"'=1+1"`);
  expect(files["leads.csv"]).not.toMatch(/(?:^|,)"=1/m);
  expect(files["consents.csv"]).toContain("You may answer my enquiry.");
  expect(files["deliveries.csv"]).toMatch(/"crm".*"4711".*"delivered".*"consent"/);
});

test("that a person's data was handed out is put on record", async () => {
  const { ledger, lead } = await adasLedger();
  await exported(ledger);
  expect(await ledger.acts({ limit: 1 })).toMatchObject([{ act: "export", subject: lead.id, actor: anActor }]);
});

describe("leadkeep export", () => {
  async function aFolderWithAda(): Promise<string> {
    const folder = aFolder();
    const { post, close } = await aGateway({ dataFolder: join(folder, ".leadkeep") });
    await post({ email: ada, message: "Call me" });
    await close();
    return folder;
  }

  test("writes a zip only this user can read, and does not overwrite one", async () => {
    const folder = await aFolderWithAda();
    const first = await runLeadkeep(["export", "Ada@example.com", "--out", "ada.zip"], { folder });
    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining("1 lead is written to ada.zip") });
    const file = join(folder, "ada.zip");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Object.keys(unzipSync(readFileSync(file)))).toContain("person.json");
    const second = await runLeadkeep(["export", ada, "--out", "ada.zip"], { folder });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("not overwritten") });
  });

  test("prints JSON instead, and says so when there is nobody", async () => {
    const folder = await aFolderWithAda();
    const { stdout } = await runLeadkeep(["export", ada, "--json"], { folder });
    expect(JSON.parse(stdout)).toMatchObject({ leads: [{ email: ada, message: "Call me" }] });
    expect(await runLeadkeep(["export", "bob@example.com"], { folder })).toEqual({
      code: 1,
      stdout: "",
      stderr: "Nobody with this e-mail address is on record.\n",
    });
    expect((await runLeadkeep(["export", "bob"], { folder })).code).toBe(2);
  });
});
