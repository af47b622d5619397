import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { aConsent, aDelivery, aLead, anEntry, aWithheldDelivery } from "./a-lead.ts";
import { anAuditedGateway, type CommandRun } from "./audit-gateway.ts";
import { mark } from "./audit-marks.ts";
import type { AuditSite } from "./audit-site.ts";

/** Commands that show something, beside the running gateway. */
export async function runCommands({ gateway, post, tried }: AuditSite): Promise<void> {
  const lead = await post("shown");
  await tried(lead);
  const all = [
    ["leads"],
    ["leads", "--csv", "--delivery", "dead"],
    ["show", lead],
    ["show", lead, "--json"],
    ["show", "nobody"],
    ["pause", "make"],
    ["doctor", "--json"],
    ["alerts"],
    ["alerts", "--json"],
    ["mail", "preview"],
    ["retention", "--dry-run"],
    ["setup", "hubspot"],
    ["nonsense"],
  ];
  await Promise.all(all.map((args) => gateway.leadkeep(...args)));
  const { stdout } = await gateway.leadkeep("leads", "--json", "--limit", "500");
  const dead = (JSON.parse(stdout) as { lead_id: string; deliveries: { state: string }[] }[])
    .filter(({ deliveries }) => deliveries.some(({ state }) => state === "dead"))
    .slice(0, 4);
  await Promise.all(dead.map(({ lead_id }) => gateway.leadkeep("show", lead_id)));
  await gateway.leadkeep("resume", "make");
}

/** Leads that have been kept long enough, and one held back as spam. The gateway is not to run. */
export async function endByRetention({ gateway, file }: AuditSite): Promise<void> {
  const ledger = openSqliteLedger({ path: file });
  const receivedAt = Date.UTC(2022, 1, 1);
  for (const state of ["active", "quarantined"] as const) {
    const email = `${mark("personal", "old", state)}@example.com`;
    const lead = aLead({ state, receivedAt, email, formData: { email }, consents: [aConsent({ at: receivedAt })] });
    const deliveries = state === "active" ? [aDelivery({ destination: "webhook" })] : [aWithheldDelivery()];
    await ledger.accept(anEntry({ lead, deliveries }));
  }
  await ledger.close();
  await gateway.leadkeep("retention", "--dry-run", "--json");
  await gateway.start();
  await gateway.leadkeep("retention");
  await gateway.stop();
}

/** Starts that end at once, with secrets where they do not belong. */
export async function startWrongly(
  variables: Record<string, string>,
  folder: string,
  takenPort: string,
): Promise<CommandRun[]> {
  const wrong = mark("secret", "misplaced");
  const broken = Object.fromEntries(
    Object.keys(variables).map((name) => [
      name,
      /SECRET|PASSWORD|API_TOKEN$/.test(name) ? wrong.slice(0, 9) : `${wrong} of`,
    ]),
  );
  const starts: Record<string, Record<string, string>> = {
    "every-variable-is-wrong": broken,
    "the-port-is-taken": { ...variables, PORT: takenPort },
    "a-file-is-not-there": { ...variables, HUBSPOT_ACCESS_TOKEN: "", HUBSPOT_ACCESS_TOKEN_FILE: wrong },
    "the-config-has-a-slip": {},
  };
  const runs = Object.entries(starts).map(async ([name, values]) => {
    const own = join(folder, name);
    mkdirSync(own);
    if (name === "the-config-has-a-slip")
      writeFileSync(join(own, "leadkeep.config.ts"), `const token = "${wrong}" "${wrong}";\nexport default {};\n`);
    const { evidence, leadkeep } = anAuditedGateway({ folder: own, variables: values });
    await leadkeep("start");
    return evidence.commands;
  });
  return (await Promise.all(runs)).flat();
}
