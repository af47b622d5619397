import type { LeadRecord } from "../../src/ledger/ledger.ts";
import type { Sandbox } from "../../src/sandbox/index.ts";
import { serviceAccount } from "../../src/sandbox/vendors/google-sheets/account.ts";
import type { Hands } from "../../src/sandbox/vendors/google-sheets/hands.ts";
import type { Crm as PipedriveCrm } from "../../src/sandbox/vendors/pipedrive-crm.ts";
import { describeDestination, type Subject } from "./destination.ts";

const token = "token-of-the-test";

/** A receiver that can only be told: the delivery id repeats, and it is for the receiver to see that. */
function hook(id: "zapier" | "make" | "webhook", variable: string): Subject {
  return {
    id,
    variables: (sandbox) => ({ [variable]: sandbox.vendors[id].url }),
    vendor: (sandbox) => sandbox.vendors[id],
    holds: (sandbox, { lead }) => sandbox.vendors[id].records.get(lead.id.replace("lead_", "evt_"))?.length ?? 0,
    once: false,
    // The address is the secret, and no vendor can help seeing its own.
    secrets: [],
  };
}

describeDestination("a webhook", hook("webhook", "CRM_WEBHOOK_URL"));
describeDestination("Zapier", hook("zapier", "ZAPIER_WEBHOOK_URL"));
describeDestination("Make", hook("make", "MAKE_WEBHOOK_URL"));

describeDestination("HubSpot", {
  id: "hubspot",
  variables: ({ vendors }) => ({
    HUBSPOT_ACCESS_TOKEN: token,
    HUBSPOT_BASE_URL: vendors.hubspot.url,
    HUBSPOT_FORMS_BASE_URL: vendors.hubspot.url,
  }),
  vendor: (sandbox) => sandbox.vendors.hubspot,
  holds: (sandbox, { lead }) =>
    sandbox.vendors.hubspot.own.all("contacts").filter(({ properties }) => properties.email === lead.email).length,
  once: true,
  secrets: [token],
  prepare: ({ vendors }) => void Object.assign(vendors.hubspot.settings, { callsPer10s: 100_000 }),
  readsBack: {
    remove: ({ vendors }, record) => void vendors.hubspot.own.remove("contacts", refOf(record)),
    merge({ vendors: { hubspot } }, record) {
      const other = hubspot.own.create("contacts", { email: "other@example.com" });
      if ("id" in other) hubspot.own.merge(other.id, refOf(record));
    },
    mostCalls: 1,
  },
});

describeDestination("Pipedrive", {
  id: "pipedrive",
  variables: ({ vendors }) => ({
    PIPEDRIVE_API_TOKEN: token,
    PIPEDRIVE_DOMAIN: vendors.pipedrive.settings.companyDomain,
    PIPEDRIVE_BASE_URL: vendors.pipedrive.url,
  }),
  vendor: (sandbox) => sandbox.vendors.pipedrive,
  holds: (sandbox, { lead }) =>
    sandbox.vendors.pipedrive.own.leads.filter(({ origin_id }) => origin_id === lead.id).length,
  once: true,
  secrets: [token],
  prepare: hurryPipedrive,
  readsBack: {
    remove({ vendors: { pipedrive } }, record) {
      const { leads } = pipedrive.own;
      leads.splice(leads.indexOf(leadOf(pipedrive.own, record)), 1);
    },
    merge: ({ vendors: { pipedrive } }, record) => void pipedrive.own.convertLead(leadOf(pipedrive.own, record)),
  },
});

describeDestination("Google Sheets", {
  id: "sheets",
  variables: ({ vendors }) => ({
    GOOGLE_SERVICE_ACCOUNT_EMAIL: serviceAccount().email,
    GOOGLE_PRIVATE_KEY: serviceAccount().privateKey,
    GOOGLE_SHEET_ID: vendors.sheets.settings.spreadsheetId,
    GOOGLE_SHEETS_BASE_URL: vendors.sheets.url,
    GOOGLE_TOKEN_URL: `${vendors.sheets.url}/token`,
  }),
  vendor: (sandbox) => sandbox.vendors.sheets,
  holds: (sandbox, { lead }) =>
    sandbox.vendors.sheets.own.rows("Leads").filter((cells) => cells.includes(lead.id)).length,
  once: true,
  secrets: [serviceAccount().privateKey],
  prepare: ({ vendors }) => void Object.assign(vendors.sheets.settings, { limits: false }),
  readsBack: {
    remove: ({ vendors: { sheets } }, record) => sheets.own.deleteRow("Leads", rowOf(sheets.own, record)),
    merge({ vendors: { sheets } }, record) {
      const row = rowOf(sheets.own, record);
      const [header = [], cells = []] = [0, row].map((n) => sheets.own.rows("Leads")[n]);
      sheets.own.addTab("Won", [header, cells]);
      sheets.own.deleteRow("Leads", row);
    },
    mostCalls: 3,
  },
});

function refOf({ deliveries }: LeadRecord): string {
  return deliveries[0]?.ref ?? "";
}

function leadOf(crm: PipedriveCrm, { lead }: LeadRecord): PipedriveCrm["leads"][number] {
  const found = crm.leads.find(({ origin_id }) => origin_id === lead.id);
  if (!found) throw new Error("it is not there");
  return found;
}

function rowOf(hands: Hands, { lead }: LeadRecord): number {
  return hands.rows("Leads").findIndex((cells) => cells.includes(lead.id));
}

function hurryPipedrive(sandbox: Sandbox): void {
  Object.assign(sandbox.vendors.pipedrive.settings, { limits: false, searchLagMs: 0 });
}
