import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkConfig, type LeadkeepConfig } from "../../src/config/config.ts";
import { type Gateway, openGateway } from "../../src/gateway.ts";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import type { Delivery } from "../../src/model/delivery.ts";
import { isLeadId } from "../../src/model/id.ts";
import { type Log, silentLog } from "../../src/model/log.ts";
import { type ServerOptions, startServer } from "../../src/server/server.ts";
import { until } from "./until.ts";

/** A gateway as `leadkeep start` runs it, in this process, on a ledger of its own and a free port. */
export type TestGateway = {
  url: string;
  gateway: Gateway;
  /** Posts JSON to the form `contact`; resolves to the lead's id. */
  post(fields: object): Promise<string>;
  record(lead: string): Promise<LeadRecord>;
  /** The lead's delivery at a destination once it is in one of these states. */
  delivery(
    lead: string,
    destination: string,
    ...states: Delivery["state"][]
  ): Promise<LeadRecord["deliveries"][number]>;
  close(): Promise<void>;
};

export type TestGatewayOptions = {
  variables?: Record<string, string>;
  config?: LeadkeepConfig;
  /** Reuses a ledger; it is not removed at the end. */
  dataFolder?: string;
  log?: Log;
  /** Its clock, for tests that let time pass. Of the ledger's leases and of alerts it is the machine's all the same. @default Date.now */
  now?(): number;
} & ServerOptions;

export async function aGateway({
  variables,
  config = {},
  dataFolder,
  log = silentLog,
  now = Date.now,
  ...serverOptions
}: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = dataFolder ?? mkdtempSync(join(tmpdir(), "leadkeep-"));
  const options = await checkConfig(config, {
    LEADKEEP_DATA: folder,
    LEADKEEP_ALLOW_PRIVATE_NETWORK: "1",
    // Else tests that count mails would find an alert among them.
    LEADKEEP_ALERT_EMAIL: "none",
    LEADKEEP_SCHEDULE: "20ms,40ms,80ms,160ms",
    PORT: "0",
    ...variables,
  });
  const gateway = await openGateway(options, { log, now });
  const server = await startServer(gateway, serverOptions);
  await gateway.start();

  async function record(lead: string): Promise<LeadRecord> {
    const found = isLeadId(lead) ? await gateway.ledger.findLead(lead) : null;
    if (!found) throw new Error(`no lead ${lead}`);
    return found;
  }

  return {
    url: server.url,
    gateway,
    record,
    async post(fields) {
      const response = await fetch(`${server.url}/f/contact`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(fields),
      });
      const answer = (await response.json()) as { lead_id?: string };
      if (response.status !== 202 || !answer.lead_id)
        throw new Error(`answered ${response.status}: ${JSON.stringify(answer)}`);
      return answer.lead_id;
    },
    delivery: (lead, destination, ...states) =>
      until(async () => {
        const found = (await record(lead)).deliveries.find((delivery) => delivery.destination === destination);
        return found && states.includes(found.state) ? found : null;
      }),
    async close() {
      await server.close(1_000);
      await gateway.stop({ graceMs: 1_000 });
      if (dataFolder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The fields of a person who can be reached and has agreed to be answered. */
export function aPerson(fields: Record<string, unknown> = {}): Record<string, unknown> {
  serial += 1;
  return { name: "Ada Lovelace", email: `ada${serial}@example.com`, consent: "on", ...fields };
}

let serial = 0;
