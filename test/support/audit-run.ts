import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { callApi } from "./audit-api.ts";
import { endByRetention, runCommands, startWrongly } from "./audit-commands.ts";
import { anAuditedGateway, type Evidence } from "./audit-gateway.ts";
import { accept, lockLedger, refuse } from "./audit-intake.ts";
import { exerciseRights } from "./audit-rights.ts";
import { auditedVariables } from "./audit-sandbox.ts";
import { anAuditSite } from "./audit-site.ts";
import { sendInBadWeather } from "./audit-weather.ts";

/** The forms of the site: one as it is without a config, one with double opt-in, one that is choosy and whose schema breaks. */
const config = `
const fields = { "~standard": { version: 1, vendor: "audit", validate(value) {
  throw new TypeError("not valid: " + JSON.stringify(value) + "\\n    at " + value.email);
} } };
export default {
  retention: { leads: "24 months" },
  forms: {
    contact: {},
    news: { version: "3", consents: [
      { field: "consent", purpose: "enquiry", text: "You may answer me." },
      { field: "news", purpose: "marketing", text: "Send me news.", confirm: "double-opt-in" },
    ] },
    broken: { fields },
    choosy: { origins: ["https://site.example"] },
  },
};
`;

/** What the audit looks through when everything has happened. */
export type Audited = {
  evidence: Evidence;
  /** The data folder, as the gateway left it. */
  data: string;
  sandbox: Sandbox;
  /** Names of the files beside the config. */
  files: string[];
  /** Secrets that came into being on the way: the cookie of a session. */
  learned: string[];
  /** The number of a visitor who was erased and has not come back. */
  erased: number;
};

/** Runs everything that can happen to leads through one gateway, in `folder`. The sandbox is the caller's to close. */
export async function runAudit(folder: string): Promise<Audited> {
  const sandbox = await startSandbox({ random: seeded(7) });
  const variables = auditedVariables(sandbox);
  writeFileSync(join(folder, "leadkeep.config.mjs"), config);
  const gateway = anAuditedGateway({ folder, variables });
  const data = join(folder, ".leadkeep");
  const site = anAuditSite({ gateway, sandbox, file: join(data, "ledger.db") });

  await gateway.start();
  await Promise.all(["hubspot", "pipedrive", "sheets"].map((vendor) => gateway.leadkeep("setup", vendor, "--yes")));
  await accept(site);
  await refuse(site);
  await sendInBadWeather(site);
  await lockLedger(site);
  const erased = await exerciseRights(site);
  const cookie = await callApi(site);
  await runCommands(site);
  await gateway.stop();
  await endByRetention(site);
  const files = readdirSync(folder);
  gateway.evidence.commands.push(...(await startWrongly(variables, folder, new URL(sandbox.url).port)));
  return { evidence: gateway.evidence, data, sandbox, files, learned: [cookie], erased };
}

/** Draws that are the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
