import { checkConfig } from "../../src/config/config.ts";
import {
  googleSheets,
  hubspot,
  mailCustomer,
  mailTeam,
  make,
  pipedrive,
  webhook,
  zapier,
} from "../../src/destinations/index.ts";
import { type Gateway, openGateway } from "../../src/gateway.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { DestinationSpec } from "../../src/model/destination.ts";
import { silentLog } from "../../src/model/log.ts";
import { type Sandbox, type SandboxVendors, serviceAccount, startSandbox } from "../../src/sandbox/index.ts";
import { aConsent, aDelivery, aLead, anEntry } from "../../test/support/a-lead.ts";
import { aFolder } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf } from "../support/statistics.ts";

/** What a backlog cost at a vendor: calls that reached it, and what of its quota they took. */
export type VendorCalls = {
  calls: number;
  /** By method and path, without ids. */
  byPath: Record<string, number>;
  /** Tokens of Pipedrive's daily budget. */
  tokens?: number;
};

type Vendor = {
  label: string;
  /** At most so many calls a lead. */
  atMost: number;
  /** The destination before the sandbox's vendor. No limit holds it up: the number of calls does not depend on the pace. */
  spec(sandbox: Sandbox): DestinationSpec;
  calls(sandbox: Sandbox): readonly string[];
  tokens?(sandbox: Sandbox): Promise<number>;
};

const unpaced = { pace: { limit: 1_000_000, intervalMs: 1_000 }, timeoutMs: 60_000, basis: "contract" } as const;

/** Every vendor there is a sandbox of, with what it is allowed to cost. */
export const vendors = {
  sheets: {
    label: "Google Sheets",
    atMost: 1 / 400,
    spec: ({ vendors: { sheets } }) => {
      Object.assign(sheets.settings, { limits: false });
      const hosts = { baseUrl: sheets.url, tokenUrl: `${sheets.url}/token` };
      return googleSheets({ spreadsheet: sheets.settings.spreadsheetId, ...serviceAccount(), ...hosts, ...unpaced });
    },
    calls: httpCalls("sheets"),
  },
  hubspot: {
    label: "HubSpot",
    atMost: 1 / 80,
    spec: ({ vendors: { hubspot: vendor } }) => {
      Object.assign(vendor.settings, { limits: false });
      return hubspot({ accessToken: "a-token", baseUrl: vendor.url, formsBaseUrl: vendor.url, ...unpaced });
    },
    calls: httpCalls("hubspot"),
  },
  pipedrive: {
    label: "Pipedrive",
    // Search, person, lead and note: it takes no batches. What is read once per start comes on top.
    atMost: 4.1,
    spec: ({ vendors: { pipedrive: vendor } }) => {
      Object.assign(vendor.settings, { limits: false, dailyBudget: pipedriveBudget, searchLagMs: 0 });
      const search = { searchPace: { limit: 1_000, intervalMs: 1 }, searchLagMs: 0 };
      return pipedrive({ apiToken: "a-token", domain: "acme", baseUrl: vendor.url, ...search, ...unpaced });
    },
    calls: httpCalls("pipedrive"),
    tokens: pipedriveTokens,
  },
  zapier: {
    label: "Zapier",
    atMost: 1,
    spec: (sandbox) => zapier({ url: sandbox.vendors.zapier.url, ...unpaced }),
    calls: httpCalls("zapier"),
  },
  make: {
    label: "Make",
    atMost: 1,
    spec: (sandbox) => make({ url: sandbox.vendors.make.url, ...unpaced }),
    calls: httpCalls("make"),
  },
  webhook: {
    label: "webhook",
    atMost: 1,
    spec: (sandbox) => webhook({ url: sandbox.vendors.webhook.url, ...unpaced }),
    calls: httpCalls("webhook"),
  },
  "mail-team": {
    label: "mail to the team",
    atMost: 1,
    spec: ({ mail }) => mailTeam({ smtpUrl: mail.url, from: sender, to: "team@example.com", ...unpaced }),
    calls: mails,
  },
  "mail-customer": {
    label: "mail to the person",
    atMost: 1,
    spec: ({ mail }) => mailCustomer({ smtpUrl: mail.url, from: sender, ...unpaced }),
    calls: mails,
  },
} as const satisfies Record<string, Vendor>;

export type VendorName = keyof typeof vendors;

const sender = "Example <hello@example.com>";
const pipedriveBudget = 100_000_000;
/** What asking Pipedrive how much is spent costs. */
const questionTokens = 2;

/**
 * Calls for a backlog of so many new people at each destination, against one call a lead. Where each lead takes calls of its own, a tenth
 * of the backlog tells as much.
 */
export async function vendorCallRows(backlog: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of Object.keys(vendors) as VendorName[]) {
    const { label, atMost } = vendors[name];
    const leads = atMost < 1 ? backlog : Math.ceil(backlog / 10);
    const { calls, byPath, tokens } = await vendorCalls(name, leads);
    const paths = Object.entries(byPath).map(([path, count]) => `${count} × ${path}`);
    const quota = tokens === undefined ? "" : `; ${tokens} tokens of the daily budget, ${tokens / leads} a lead`;
    rows.push({
      name: `calls for ${leads.toLocaleString("en")} leads, ${label}`,
      unit: "calls",
      ours: figureOf([calls]),
      baseline: { name: "one call per lead", figure: figureOf([leads]) },
      ratio: figureOf([calls / leads]),
      target: { atMost },
      note: `${(calls / leads).toPrecision(3)} calls a lead (${paths.join(", ")})${quota}`,
    });
  }
  return rows;
}

/** Drains a backlog of so many new people to one vendor of a sandbox of its own. @throws when one is not delivered */
export async function vendorCalls(name: VendorName, leads: number): Promise<VendorCalls> {
  const vendor: Vendor = vendors[name];
  const sandbox = await startSandbox();
  const { folder, remove } = aFolder();
  const spec = vendor.spec(sandbox);
  await setUp(name, spec);
  const options = await checkConfig(
    { destinations: { [name]: spec } },
    { LEADKEEP_DATA: folder, LEADKEEP_ALLOW_PRIVATE_NETWORK: "1", LEADKEEP_ALERT_EMAIL: "none" },
  );
  const gateway = await openGateway(options, { log: silentLog });
  try {
    await fill(gateway, { destination: name, kind: spec.definition.kind }, leads);
    const spentBefore = (await vendor.tokens?.(sandbox)) ?? 0;
    const before = vendor.calls(sandbox).length;
    await gateway.drain({ budgetMs: 600_000 });
    await assertAllDelivered(gateway, leads);
    const calls = countOf(vendor.calls(sandbox).slice(before));
    if (!vendor.tokens) return calls;
    // The question before cost something, too.
    return { ...calls, tokens: (await vendor.tokens(sandbox)) - spentBefore - questionTokens };
  } finally {
    await gateway.stop({ graceMs: 1_000 });
    await sandbox.close();
    remove();
  }
}

/** Makes at the vendor what has to be there, as `leadkeep setup` does. */
async function setUp(name: VendorName, spec: DestinationSpec): Promise<void> {
  const { destination } = configureDestination(name, spec);
  const context = { signal: AbortSignal.timeout(60_000), fetch, now: Date.now };
  for (const { apply } of (await destination?.setup?.(context)) ?? []) await apply?.();
}

async function fill({ ledger }: Gateway, to: { destination: string; kind: string }, leads: number): Promise<void> {
  const person = { name: "Ada Lovelace", firstName: "Ada", lastName: "Lovelace", message: "Please call me back." };
  for (let done = 0; done < leads; done += 1_000) {
    const entries = Array.from({ length: Math.min(1_000, leads - done) }, () =>
      anEntry({
        lead: aLead({ ...person, consents: [aConsent()], receivedAt: Date.now() }),
        deliveries: [aDelivery(to)],
      }),
    );
    await Promise.all(entries.map((entry) => ledger.accept(entry)));
  }
}

async function assertAllDelivered({ ledger }: Gateway, leads: number): Promise<void> {
  const [only] = await ledger.counts();
  if (only?.counts.delivered !== leads)
    throw new Error(`not everything was delivered: ${JSON.stringify(only?.counts)}`);
}

function httpCalls(name: keyof SandboxVendors): Vendor["calls"] {
  return ({ vendors }) => vendors[name].received.map(({ method, path }) => `${method} ${withoutIds(path)}`);
}

function mails({ mail }: Sandbox): string[] {
  return mail.received.map(() => "a mail");
}

/** The path without its query, and without what is different for each record or account. */
function withoutIds(path: string): string {
  const [plain = ""] = path.split("?");
  return plain.replace(/\/(?:[\w-]{20,}|\d+)(?=[/:]|$)/g, "/…");
}

function countOf(paths: readonly string[]): Pick<VendorCalls, "calls" | "byPath"> {
  const byPath: Record<string, number> = {};
  for (const path of paths) byPath[path] = (byPath[path] ?? 0) + 1;
  return { calls: paths.length, byPath };
}

/** What is spent of the day's budget, this question included, as the vendor says. */
async function pipedriveTokens({ vendors: { pipedrive } }: Sandbox): Promise<number> {
  const response = await fetch(`${pipedrive.url}/api/v1/users/me`, { headers: { "x-api-token": "a-token" } });
  await response.body?.cancel();
  return pipedriveBudget - Number(response.headers.get("x-daily-ratelimit-token-remaining"));
}
