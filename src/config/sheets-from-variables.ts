import type { DestinationSpec } from "../model/destination.ts";
import type { ConfigProblem } from "../model/errors.ts";
import type { Environment } from "./environment.ts";

/** The sheet the variables turn on. `crm`: ids of the systems its column `crm_synced` speaks of. */
export async function sheetsFromVariables(
  values: Environment,
  crm: string[],
): Promise<Record<string, DestinationSpec>> {
  const { GOOGLE_SHEET_ID: spreadsheet, GOOGLE_PRIVATE_KEY: privateKey, GOOGLE_SERVICE_ACCOUNT_EMAIL: email } = values;
  const { GOOGLE_SHEETS_BASE_URL: baseUrl, GOOGLE_TOKEN_URL: tokenUrl, LEADKEEP_LAWFUL_BASIS: basis } = values;
  if (!spreadsheet || !privateKey) return {};
  const { googleSheets } = await import("../destinations/google-sheets/google-sheets.ts");
  const hosts = { ...(baseUrl ? { baseUrl } : {}), ...(tokenUrl ? { tokenUrl } : {}) };
  return { sheets: googleSheets({ spreadsheet, privateKey, basis, crm, ...(email ? { email } : {}), ...hosts }) };
}

const cures = {
  GOOGLE_SHEET_ID: "Set it to the id in the spreadsheet's address.",
  GOOGLE_PRIVATE_KEY: "Set it to the private key of the service account, from its JSON key file.",
  GOOGLE_SERVICE_ACCOUNT_EMAIL: "Set it to the service account's address, from its JSON key file.",
};

/** Variables of the sheet that say nothing without another. A whole JSON key file as the key names the account itself. */
export function unpairedSheets(values: Environment): ConfigProblem[] {
  const names = Object.keys(cures) as (keyof typeof cures)[];
  const given = names.find((name) => values[name]);
  if (!given) return [];
  const knowsAccount = /^\s*\{|\.json$/.test(values.GOOGLE_PRIVATE_KEY ?? "");
  return names
    .filter((name) => !values[name] && !(name === "GOOGLE_SERVICE_ACCOUNT_EMAIL" && knowsAccount))
    .map((path) => ({ path, message: `is needed beside ${given}.`, cure: cures[path] }));
}
