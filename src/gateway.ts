import { join } from "node:path";
import { checkConfig, type LeadkeepConfig, type Options, openForm } from "./config/config.ts";
import type { Variables } from "./config/environment.ts";
import { secretOf } from "./config/secret-file.ts";
import type { GuardedFetch, GuardedNetwork } from "./delivery/guarded-fetch.ts";
import { createLanes } from "./delivery/lanes.ts";
import { createRescue } from "./delivery/rescue.ts";
import { createIntake } from "./intake/intake.ts";
import type { IntakeReply, IntakeRequest } from "./intake/intake-request.ts";
import { createKeyedHash } from "./intake/keyed-hash.ts";
import { intakeRequestOf, responseOf } from "./intake/web-request.ts";
import type { Entry, Ledger } from "./ledger/ledger.ts";
import { openSqliteLedger } from "./ledger/sqlite/sqlite-ledger.ts";
import { createLogger } from "./logger.ts";
import { type Form, isPlainId } from "./model/form.ts";
import { deliveryIdOf } from "./model/id.ts";
import { type Log, traceOf } from "./model/log.ts";
import { visitorScript } from "./visitor-script.ts";

/**
 * START HERE. The gateway is the whole as an object: a request comes in through intake, is recorded in the ledger as a lead
 * with its deliveries, and lanes bring it to the destinations. Server, command line and adapters are views on it.
 */
export type Gateway = {
  /**
   * Answers submissions (`…/f/{form}`) and the visitor's script (`…/leadkeep.js`) in any framework that speaks Request and
   * Response; 404 for anything else.
   */
  handler(request: Request, visitor?: { address?: string | null }): Promise<Response>;
  /** The same for callers that own the socket; null when the path is not a form's. */
  receive(path: string, request: Omit<IntakeRequest, "form" | "path">): Promise<IntakeReply> | null;
  /** Sets the lanes to work. Submissions are kept before it, and delivered after. */
  start(): Promise<void>;
  /** Finishes what is under way, `graceMs` at the longest (15 s when not given), and lets go of the ledger. */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** Lane by lane: attempts under way, pause, breaker. */
  status: ReturnType<typeof createLanes>["status"];
  ledger: Ledger;
  options: Options;
  log: Log;
};

const stopGraceMs = 15_000;
const formPath = /\/f\/([^/]+)(\/thanks)?$/;

/**
 * Makes a gateway from a config and the environment's variables. @throws {ConfigError}, {LedgerUnavailable}
 */
export async function createGateway(config: LeadkeepConfig = {}, variables: Variables = process.env): Promise<Gateway> {
  const options = await checkConfig(config, variables);
  return openGateway(options, { log: createLogger(options.logLevel) });
}

/** Makes a gateway from checked options. */
export async function openGateway(options: Options, { log }: { log: Log }): Promise<Gateway> {
  const now = Date.now;
  const ledger = openLedger(options);
  const network = lazyNetwork(options.allowPrivateNetwork);
  const lanes = createLanes({
    destinations: options.destinations,
    ledger,
    fetch: network.fetch,
    now,
    monotonic: () => performance.now(),
    random: Math.random,
    log,
  });
  const rescuer = createRescue({
    ledger,
    destinations: options.destinations,
    fetch: network.fetch,
    now,
    log,
    recorded: () => lanes.wake(),
  });
  const confirming = new Map(options.destinations.map(({ id, confirmMs }) => [id, confirmMs]));

  /** Waits for destinations that are to take the lead before the visitor is thanked; undefined when there are none. */
  function confirmations({ lead, deliveries }: Entry): Promise<void> | undefined {
    const waits = deliveries.flatMap(({ destination, state }) => {
      const limitMs = state === "pending" ? confirming.get(destination) : null;
      return limitMs ? [lanes.attempted(deliveryIdOf(lead.id, destination), limitMs)] : [];
    });
    return waits.length > 0 ? Promise.all(waits).then(() => {}) : undefined;
  }

  const intake = createIntake({
    findForm: (id) => findForm(options, id),
    destinationsOf: (form) => options.destinations.filter(({ id }) => form.destinations?.includes(id) ?? true),
    ledger,
    ...createKeyedHash(options.secret ?? secretOf(options.dataFolder)),
    now,
    accepted: (entry) => {
      lanes.wake();
      return confirmations(entry);
    },
    rescue: rescuer.rescue,
    warn: (code, message) => log.warn({ code }, message),
  });

  function receive(path: string, request: Omit<IntakeRequest, "form" | "path">): Promise<IntakeReply> | null {
    const [whole, form, thanks] = formPath.exec(path) ?? [];
    if (whole === undefined || form === undefined) return null;
    if (!thanks) return intake.receive({ ...request, form, path });
    // Nothing is recorded there, so nobody who sends something is thanked.
    if (request.method !== "GET" && request.method !== "HEAD") return null;
    return Promise.resolve(intake.thanks({ ...request, form, path: path.slice(0, -thanks.length) }));
  }

  return {
    handler: async (request, visitor = {}) => {
      const { pathname } = new URL(request.url);
      if (isScript(pathname, request.method)) return visitorScript(request);
      const reply = receive(pathname, intakeRequestOf(request, visitor.address, options.publicUrl));
      return reply ? responseOf(await reply) : new Response("Not found\n", { status: 404 });
    },
    receive,
    start: async () => {
      await warnOfOrphans(options, ledger, log);
      await lanes.start();
      network.load().catch((error) => log.error({ error: traceOf(error) }, "the network code could not be loaded"));
    },
    stop: async ({ graceMs = stopGraceMs } = {}) => {
      await lanes.stop({ graceMs });
      await rescuer.stop();
      await Promise.all(options.destinations.map(({ close }) => close?.()));
      await network.close();
      await ledger.close();
    },
    status: lanes.status,
    ledger,
    options,
    log,
  };
}

function isScript(path: string, method: string): boolean {
  return path.endsWith("/leadkeep.js") && (method === "GET" || method === "HEAD");
}

/** The ledger a configuration names, on its own: for commands that look at it without running a gateway. */
export function openLedger({ dataFolder, destinations }: Options): Ledger {
  const interests = {
    statusAt: destinations.filter(({ sync }) => sync !== null).map(({ id }) => id),
    oncePerPerson: destinations.filter(({ oncePerPersonMs }) => oncePerPersonMs !== null).map(({ id }) => id),
  };
  return openSqliteLedger({ path: join(dataFolder, "ledger.db"), interests });
}

function findForm({ forms, country }: Options, id: string): Form | null {
  if (forms) return forms.get(id) ?? null;
  return isPlainId(id) ? openForm(id, country) : null;
}

/** The HTTP client takes longer to load than everything else together, and a start does not wait for it. */
function lazyNetwork(allowPrivateNetwork: boolean) {
  let loading: Promise<GuardedNetwork> | null = null;
  function load(): Promise<GuardedNetwork> {
    loading ??= import("./delivery/guarded-fetch.ts").then((module) =>
      module.createGuardedNetwork({ allowPrivateNetwork }),
    );
    return loading;
  }
  const fetch: GuardedFetch = async (...request) => (await load()).fetch(...request);
  return { load, fetch, close: async () => (await loading)?.close() };
}

/** Deliveries of a destination that is no longer configured would wait for ever unseen. */
async function warnOfOrphans({ destinations }: Options, ledger: Ledger, log: Log): Promise<void> {
  const known = new Set(destinations.map(({ id }) => id));
  for (const { destination, state, count } of await ledger.backlog()) {
    if (known.has(destination) || (state !== "pending" && state !== "claimed")) continue;
    log.warn(
      { destination, waiting: count },
      "leads wait for a destination that is not configured; configure it to send them",
    );
  }
}
