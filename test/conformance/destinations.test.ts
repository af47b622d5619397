import type { Sandbox } from "../../src/sandbox/index.ts";
import { serviceAccount } from "../../src/sandbox/vendors/google-sheets/account.ts";
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
});

function hurryPipedrive(sandbox: Sandbox): void {
  Object.assign(sandbox.vendors.pipedrive.settings, { limits: false, searchLagMs: 0 });
}
