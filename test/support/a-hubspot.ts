import { defineConfig, hubspot } from "../../src/index.ts";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import { type Sandbox, type SandboxVendors, startSandbox } from "../../src/sandbox/index.ts";
import type { Crm, ObjectType } from "../../src/sandbox/vendors/hubspot-crm.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "./a-gateway.ts";

type HubSpotOptions = Partial<Parameters<typeof hubspot>[0]>;

/** The sandbox's HubSpot, and gateways that have it for their only destination. */
export type TestHubSpot = {
  sandbox: Sandbox;
  vendor: SandboxVendors["hubspot"];
  crm(): Crm;
  /** How many records there are: contacts, deals, notes, submissions. */
  counts(): number[];
  /** Makes our properties, as `leadkeep setup hubspot --yes` does. */
  setUp(): Promise<void>;
  start(options?: HubSpotOptions, settings?: TestGatewayOptions): Promise<TestGateway>;
  /** Sends a lead and waits for the end of its delivery. */
  send(gateway: TestGateway, fields?: Record<string, unknown>): Promise<LeadRecord["deliveries"][number]>;
  close(): Promise<void>;
};

/** The only form of the sandbox's account. */
export const aForm = { portalId: "123456", formId: "0d9f9a55-8a3c-4a5c-9a2f-6b1f6c1d7e01" };

/** `random` draws for faults with a rate. */
export async function aHubSpot(random: () => number = () => 0): Promise<TestHubSpot> {
  const sandbox = await startSandbox({ random });
  const vendor = sandbox.vendors.hubspot;
  const open: TestGateway[] = [];
  const hosts = { accessToken: "a-token", baseUrl: vendor.url, formsBaseUrl: vendor.url };
  const crm = () => vendor.own;
  return {
    sandbox,
    vendor,
    crm,
    counts: () => [
      ...(["contacts", "deals", "notes"] satisfies ObjectType[]).map((type) => crm().all(type).length),
      crm().submissions.length,
    ],
    async setUp() {
      const { destination } = configureDestination("hubspot", hubspot(hosts));
      const signal = AbortSignal.timeout(10_000);
      const steps = (await destination?.setup?.({ signal, fetch, now: Date.now })) ?? [];
      for (const { apply } of steps) await apply?.();
    },
    async start(options = {}, settings = {}) {
      const config = defineConfig({ destinations: { hubspot: hubspot({ ...hosts, ...options }) } });
      const gateway = await aGateway({ config, ...settings });
      open.push(gateway);
      return gateway;
    },
    async send(gateway, fields = {}) {
      return gateway.delivery(await gateway.post(aPerson(fields)), "hubspot", "delivered", "dead");
    },
    async close() {
      await Promise.all(open.map((gateway) => gateway.close()));
      await sandbox.close();
    },
  };
}
