import { createGuardedNetwork } from "../../src/delivery/guarded-fetch.ts";
import { defineConfig, hubspot } from "../../src/index.ts";
import type { LeadRecord } from "../../src/ledger/ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import type { DeliveryContext, Destination } from "../../src/model/destination.ts";
import { deliveryIdOf, newLeadId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
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
  /** The destination itself, without a gateway. */
  destination(options?: HubSpotOptions): Destination;
  /**
   * Asks a destination until it has an end, as the lane does: again after `retry` and `uncertain`, with what it kept, and with the
   * wait it asked for behind it, for the sandbox too. Gives up after ten times. `tries`: how often it was asked.
   */
  ask(act: (context: DeliveryContext) => Promise<Outcome> | undefined): Promise<{ outcome: Outcome; tries: number }>;
  close(): Promise<void>;
};

/** The only form of the sandbox's account. */
export const aForm = { portalId: "123456", formId: "0d9f9a55-8a3c-4a5c-9a2f-6b1f6c1d7e01" };

/** `random` draws for faults with a rate. */
export async function aHubSpot(random: () => number = () => 0): Promise<TestHubSpot> {
  let waitedMs = 0;
  const now = () => Date.now() + waitedMs;
  const sandbox = await startSandbox({ random, now });
  const vendor = sandbox.vendors.hubspot;
  const open: TestGateway[] = [];
  const hosts = { accessToken: "a-token", baseUrl: vendor.url, formsBaseUrl: vendor.url };
  const crm = () => vendor.own;
  const network = createGuardedNetwork({ allowPrivateNetwork: true });

  function destination(options: HubSpotOptions = {}): Destination {
    const configured = configureDestination("hubspot", hubspot({ ...hosts, ...options }));
    if (!configured.destination) throw new Error(JSON.stringify(configured.problems));
    return configured.destination;
  }

  return {
    sandbox,
    vendor,
    crm,
    counts: () => [
      ...(["contacts", "deals", "notes"] satisfies ObjectType[]).map((type) => crm().all(type).length),
      crm().submissions.length,
    ],
    async setUp() {
      const signal = AbortSignal.timeout(10_000);
      const steps = (await destination().setup?.({ signal, fetch, now: Date.now })) ?? [];
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
    destination,
    async ask(act) {
      const context: DeliveryContext = {
        deliveryId: deliveryIdOf(newLeadId(Date.now()), "hubspot", "withdrawn-1"),
        event: "consent.withdrawn",
        purpose: "marketing",
        attempt: 1,
        links: { confirm: () => null, withdraw: () => null },
        superseded: false,
        uncertain: false,
        fetch: (url, init) => network.fetch(url, init, () => {}),
        signal: AbortSignal.timeout(30_000),
        progress: null,
        save: async (progress) => {
          context.progress = progress;
        },
        correctPace: () => {},
        now,
      };
      for (let tries = 1; ; tries += 1) {
        const outcome = await act(context);
        if (!outcome) throw new Error("it cannot be asked that");
        const isOver = outcome.type !== "retry" && outcome.type !== "uncertain";
        if (isOver || tries === 10) return { outcome, tries };
        if (outcome.type === "retry") waitedMs += outcome.waitMs ?? 0;
      }
    },
    async close() {
      await network.close();
      await Promise.all(open.map((gateway) => gateway.close()));
      await sandbox.close();
    },
  };
}
