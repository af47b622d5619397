import { checkConfig, type Options } from "../config/config.ts";
import { LeadkeepError } from "../model/errors.ts";
import { type Sandbox, serviceAccount, startSandbox } from "../sandbox/index.ts";
import { printAside } from "./output.ts";
import { consoleAddress, serve, stopOnSignal } from "./start.ts";

const gatewayPort = 8787;
const sandboxPort = 8788;
/** Short waits, so that one can watch a vendor fail and recover. */
const demoSchedule = "2s,5s,10s,20s,30s,1m,2m,5m";

/**
 * `leadkeep demo`: a gateway on the embedded ledger, a site with a real form, and every vendor as a local sandbox that can be
 * made to fail. Needs no account and touches nothing outside `./.leadkeep-demo`. `PORT` and `LEADKEEP_SANDBOX_PORT` are the
 * gateway's port (8787) and the sandbox's (8788); 0 is any free one.
 */
export async function demo(): Promise<void> {
  const sandbox = await orAnyPort(portIn("LEADKEEP_SANDBOX_PORT", sandboxPort), (port) => startSandbox({ port }));
  const { gateway, server } = await orAnyPort(portIn("PORT", gatewayPort), async (port) =>
    serve(await optionsFor(sandbox, port)),
  );
  sandbox.showSite({ gatewayUrl: server.url, form: "quote" });
  stopOnSignal(gateway, server, () => sandbox.close());
  const console = await consoleAddress(gateway, server.url);
  for (const line of greeting(sandbox, server.url, console, gateway.options.dataFolder)) printAside(line);
}

function optionsFor(sandbox: Sandbox, port: number): Promise<Options> {
  const { vendors } = sandbox;
  return checkConfig(
    { forms: { quote: { name: "Quote request", thanks: `${sandbox.url}/thanks`, origins: [sandbox.url] } } },
    {
      ZAPIER_WEBHOOK_URL: vendors.zapier.url,
      MAKE_WEBHOOK_URL: vendors.make.url,
      CRM_WEBHOOK_URL: vendors.webhook.url,
      HUBSPOT_ACCESS_TOKEN: "demo",
      HUBSPOT_BASE_URL: vendors.hubspot.url,
      HUBSPOT_FORMS_BASE_URL: vendors.hubspot.url,
      PIPEDRIVE_API_TOKEN: "demo",
      PIPEDRIVE_DOMAIN: vendors.pipedrive.settings.companyDomain,
      PIPEDRIVE_BASE_URL: vendors.pipedrive.url,
      GOOGLE_SERVICE_ACCOUNT_EMAIL: serviceAccount().email,
      GOOGLE_PRIVATE_KEY: serviceAccount().privateKey,
      GOOGLE_SHEET_ID: vendors.sheets.settings.spreadsheetId,
      GOOGLE_SHEETS_BASE_URL: vendors.sheets.url,
      GOOGLE_TOKEN_URL: `${vendors.sheets.url}/token`,
      SMTP_URL: sandbox.mail.url,
      MAIL_FROM: "Northlight Solar <hello@northlight.example>",
      MAIL_TO: "planners@northlight.example",
      LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
      LEADKEEP_SCHEDULE: demoSchedule,
      LEADKEEP_DATA: process.env.LEADKEEP_DATA ?? "./.leadkeep-demo",
      LEADKEEP_LOG_LEVEL: process.env.LEADKEEP_LOG_LEVEL ?? "warn",
      PORT: String(port),
    },
  );
}

function portIn(variable: string, usual: number): number {
  const port = Number(process.env[variable] || usual);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new LeadkeepError("wrong_port", `${variable} must be a port: a whole number from 0 to 65535.`);
}

/** Takes the usual port, or any free one when another program has it. */
async function orAnyPort<T>(port: number, start: (port: number) => Promise<T>): Promise<T> {
  try {
    return await start(port);
  } catch (error) {
    const code = error instanceof LeadkeepError ? error.code : error instanceof Error && "code" in error && error.code;
    if (code !== "port_taken" && code !== "EADDRINUSE") throw error;
    printAside(`Port ${port} is taken; using a free one.`);
    return start(0);
  }
}

function greeting(sandbox: Sandbox, gatewayUrl: string, console: string, dataFolder: string): string[] {
  return [
    "",
    "Leadkeep demo: no account, no service, everything on this machine.",
    "",
    `  1. Send a lead       ${sandbox.url}/`,
    `  2. See it arrive     ${sandbox.url}/sandbox      (and make a vendor fail there)`,
    `  3. See its way       ${console}`,
    `                    or LEADKEEP_DATA=${dataFolder} npx leadkeep leads`,
    "",
    `  The gateway listens on ${gatewayUrl}; the form posts to ${gatewayUrl}/f/quote.`,
    "  Stop with Ctrl+C. Leads stay, and what was not delivered goes on at the next start.",
    "",
  ];
}
