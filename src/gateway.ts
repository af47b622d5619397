import { createHmac } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openAlerts, openWatch } from "./alerts.ts";
import { openCompleteness, openNightly } from "./completeness.ts";
import { checkConfig, type LeadkeepConfig, type Options, openForm } from "./config/config.ts";
import { createDayKeys } from "./config/day-keys.ts";
import type { Variables } from "./config/environment.ts";
import { type Secrets, secretsOf } from "./config/secret-file.ts";
import { checkDestination, toolContext } from "./delivery/check-destination.ts";
import type { Drained } from "./delivery/drain.ts";
import type { GuardedFetch, GuardedNetwork } from "./delivery/guarded-fetch.ts";
import { createLanes } from "./delivery/lanes.ts";
import { createRescue } from "./delivery/rescue.ts";
import { createAddressHash } from "./intake/address-hash.ts";
import { badSignature, badSignatureReply, createForwarderCheck, isForwarded } from "./intake/forwarded.ts";
import { createIntake, maxBodyBytes } from "./intake/intake.ts";
import type { IntakeReply, IntakeRequest } from "./intake/intake-request.ts";
import { createKeyedHash, derivedKey } from "./intake/keyed-hash.ts";
import { refusalWith } from "./intake/refusal.ts";
import type { ScreenPage } from "./intake/screens/pages.ts";
import { intakeRequestOf, responseOf } from "./intake/web-request.ts";
import type { Accounts } from "./ledger/accounts.ts";
import type { Accepted, Entry, Ledger } from "./ledger/ledger.ts";
import { type LedgerHooks, type OpenedLedger, openLedgerAt } from "./ledger/open-ledger.ts";
import { agreeOnSecret } from "./ledger/shared-secret.ts";
import { createLogger } from "./logger.ts";
import type { CheckResult, Destination } from "./model/destination.ts";
import { type Form, isPlainId } from "./model/form.ts";
import { deliveryIdOf } from "./model/id.ts";
import { type Log, silentLog, traceOf } from "./model/log.ts";
import type { Happening, Observer } from "./model/observer.ts";
import { type ConsentDesk, createConsentDesk } from "./privacy/consent-desk.ts";
import { createPersonPages, type PersonPath } from "./privacy/pages/person-pages.ts";
import { createPersonLinks } from "./privacy/person-links.ts";
import { createRetention, type RetentionDuty } from "./privacy/retention.ts";
import { createRights, type Rights } from "./privacy/rights.ts";
import type { SpamDesk } from "./privacy/spam-desk.ts";
import { openScreening, openSpamDesk } from "./spam.ts";
import { visitorScript } from "./visitor-script.ts";
import type { AlertDesk } from "./watch/alert-desk.ts";
import type { CompletenessDuty } from "./watch/completeness.ts";

/**
 * START HERE. The gateway is the whole as an object: a request comes in through intake, is recorded in the ledger as a lead
 * with its deliveries, and lanes bring it to the destinations. Server, command line and adapters are views on it.
 */
export type Gateway = {
  /**
   * Answers submissions (`…/f/{form}`), the visitor's script (`…/leadkeep.js`), and the pages behind links in mails (`…/c/{token}`,
   * `…/u/{token}`) in any framework that speaks Request and Response; 404 for anything else. `address`: the visitor's. `waitUntil`:
   * the host's way to go on after the answer; a gateway that was not started then delivers what it has kept at once.
   */
  handler(request: Request, host?: Host): Promise<Response>;
  /** The same for callers that own the socket; null when the path is neither a form's nor a page's. */
  receive(path: string, request: Omit<IntakeRequest, "form" | "path">): Promise<IntakeReply> | null;
  /** Sets the lanes to work. Submissions are kept before it, and delivered after. */
  start(): Promise<void>;
  /**
   * Delivers what is due, until nothing is or the budget is over, for hosts that run no process for long: nothing has to be
   * started for it. What is under way at the end is finished, which takes no longer than an attempt may.
   */
  drain(options?: { budgetMs?: number }): Promise<Drained>;
  /** Finishes what is under way, `graceMs` at the longest (15 s when not given), and lets go of the ledger. */
  stop(options?: { graceMs?: number }): Promise<void>;
  /** Lane by lane: attempts under way, what is left of the pace, pause, breaker. */
  status: ReturnType<typeof createLanes>["status"];
  /** Calls back when leads were accepted, or deliveries have changed. The result unsubscribes. */
  onChange(listener: (what: Change) => void): () => void;
  /** Tells of everything that happens in this process, for metrics and traces. The result unsubscribes. */
  observe(observer: Observer): () => void;
  /** Keeps a lead that came by no form, and sets its deliveries to work. */
  keep(entry: Entry): Promise<Accepted>;
  /** Looks, without changing anything, whether a destination is ready for leads. */
  check(destination: Destination): Promise<CheckResult[]>;
  /** A signature that only this gateway's secret makes; `purpose` keeps those of different uses apart. */
  sign(purpose: string, text: string): string;
  /** What people decide about their data outside the form: give consent, withdraw it, confirm it. */
  consent: ConsentDesk;
  /** What people may ask of their own data: find, export, erase. */
  rights: Rights;
  /** What people decide about suspected spam. */
  spam: SpamDesk;
  /** Ends what has been kept long enough, daily and on demand. */
  retention: RetentionDuty;
  /** What is wrong, in a person's words. */
  alerts: AlertDesk;
  /** Whether every lead is where it was brought: looked for nightly and on demand. */
  completeness: CompletenessDuty;
  ledger: Ledger;
  /** Who may sign in to the console, and the tokens of the API. */
  accounts: Accounts;
  options: Options;
  log: Log;
};

/** What an `onChange` listener is told has changed. */
export type Change = "leads" | "deliveries";

/** What the host of a `handler` knows and can do. */
export type Host = { address?: string | null; waitUntil?(work: Promise<unknown>): void };

const stopGraceMs = 15_000;
/** Hosts let work go on for some 30 s after an answer, and an attempt may take 10 of them. */
const drainBudgetMs = 15_000;
const destroyKeysEveryMs = 3_600_000;
const warnOfForwarderEveryMs = 60_000;
/** How long after the start the HTTP client is loaded, unless an attempt needs it sooner: the first leads come before it. */
const loadNetworkAfterMs = 1_000;
const personPath = /\/(c|u)\/([^/]+)$/;
const formPath = /\/f\/([^/]+)(\/thanks|\/stamp|\/challenge|\/screens\.js)?$/;

/**
 * Makes a gateway from a config and the environment's variables. @throws {ConfigError}, {LedgerUnavailable}
 */
export async function createGateway(config: LeadkeepConfig = {}, variables: Variables = process.env): Promise<Gateway> {
  const options = await checkConfig(config, variables);
  return openGateway(options, { log: createLogger(options.logLevel) });
}

/** Makes a gateway from checked options. `now`: epoch milliseconds. `threadAt`: see `LedgerHooks`. */
export async function openGateway(
  options: Options,
  { log, now = Date.now, threadAt }: { log: Log; now?(): number; threadAt?: number },
): Promise<Gateway> {
  const observers = new Set<Observer>();
  function happened(happening: Happening): void {
    try {
      for (const observer of observers) observer(happening);
    } catch (error) {
      log.error({ error: traceOf(error) }, "what happened could not be counted");
    }
  }

  const ledger = await openLedger(options, {
    committed: (writes) => happened({ type: "committed", writes }),
    ...(threadAt === undefined ? {} : { threadAt }),
  });
  const secrets = secretsOf(options);
  const [secret] = secrets;
  const retention = openRetention(options, ledger, log);
  const dayKeys = createDayKeys(join(options.dataFolder, "day-keys"), {
    now,
    warn: () =>
      log.warn({}, "the day's key for visitors' addresses cannot be kept or destroyed; make the folder writable"),
  });
  let keyTimer: NodeJS.Timeout | undefined;
  const network = lazyNetwork(options);
  let networkTimer: NodeJS.Timeout | undefined;
  function loadNetwork(): void {
    network.load().catch((error) => log.error({ error: traceOf(error) }, "the network code could not be loaded"));
  }
  const listeners = new Set<(what: Change) => void>();
  function changed(what: Change): void {
    for (const listener of listeners) listener(what);
  }

  const links = createPersonLinks({ secrets, publicUrl: options.publicUrl, now });
  const desk = openConsentDesk(options, ledger, secrets);
  const pages = createPersonPages({ ledger, desk, links, wordings: wordingsOf(options), now });
  const lanes = createLanes({
    links,
    changed: () => changed("deliveries"),
    destinations: options.destinations,
    ledger,
    fetch: network.fetch,
    now,
    monotonic: () => performance.now(),
    random: Math.random,
    log,
    observe: happened,
  });
  const rescuer = createRescue({
    links,
    ledger,
    destinations: options.destinations,
    fetch: network.fetch,
    now,
    log,
    recorded: () => {
      lanes.wake();
      changed("leads");
    },
  });
  const completeness = openCompleteness(options, { ledger, lanes, fetch: network.fetch, now, log });
  const nightly = openNightly(options, completeness, { now, log });
  const watch = openWatch(options, { ledger, lanes: lanes.status, fetch: network.fetch, now, log });
  const confirming = new Map(options.destinations.map(({ id, confirmMs }) => [id, confirmMs]));

  /** Waits for destinations that are to take the lead before the visitor is thanked; undefined when there are none. */
  function confirmations({ lead, deliveries }: Entry): Promise<void> | undefined {
    const waits = deliveries.flatMap(({ destination, state }) => {
      const limitMs = state === "pending" ? confirming.get(destination) : null;
      return limitMs ? [lanes.attempted(deliveryIdOf(lead.id, destination), limitMs)] : [];
    });
    return waits.length > 0 ? Promise.all(waits).then(() => {}) : undefined;
  }

  function tellAccepted({ lead: { id: lead, form, state, receivedAt } }: Entry): void {
    const durationMs = Math.max(0, now() - receivedAt);
    happened({ type: "accepted", lead, form, state, startedAt: receivedAt, durationMs });
  }

  const screening = openScreening(options, {
    secrets,
    ledger,
    findForm: (id) => findForm(options, id),
    fetch: network.fetch,
    now,
    log,
  });
  const intake = createIntake({
    findForm: (id) => findForm(options, id),
    screens: screening.screens,
    destinationsOf: (form) => options.destinations.filter(({ id }) => form.destinations?.includes(id) ?? true),
    ledger,
    ...createKeyedHash(secrets),
    hashAddress: createAddressHash({
      secret,
      under: options.ipHash,
      truncate: options.ipTruncate,
      today: dayKeys.today,
    }),
    now,
    accepted: (entry) => {
      tellAccepted(entry);
      if (entry.awaited) screening.captchas.wake();
      lanes.wake();
      if (!lanes.isWorking()) watch.visited();
      changed("leads");
      return confirmations(entry);
    },
    refused: (status) => {
      const code = refusalWith(status);
      if (code !== null) happened({ type: "refused", code });
    },
    rescue: rescuer.rescue,
    warn: (code, message) => log.warn({ code }, message),
  });

  const checkForwarder = createForwarderCheck({ secrets: options.forwardSecrets, now, maxBodyBytes });
  let forwarderWarnedAt = Number.NEGATIVE_INFINITY;

  async function drain(budgetMs: number): Promise<Drained> {
    await screening.captchas.run();
    const drained = await lanes.drain(budgetMs);
    await watch.drained();
    return drained;
  }

  /** Only where nothing else brings it: lanes at work are awake already. */
  function drainAfter(reply: IntakeReply, waitUntil: Host["waitUntil"]): void {
    if (!waitUntil || lanes.isWorking() || (reply.status !== 202 && reply.status !== 303)) return;
    const drained = drain(drainBudgetMs).catch((error) => {
      log.error({ error: traceOf(error) }, "what is due could not be delivered; the next drain goes on");
    });
    waitUntil(drained);
  }

  function receivePerson(path: string, request: Omit<IntakeRequest, "form" | "path">): Promise<IntakeReply> | null {
    const [, page, token] = personPath.exec(path) ?? [];
    return page && token ? pages.receive(page as PersonPath, token, request) : null;
  }

  function receive(path: string, request: Omit<IntakeRequest, "form" | "path">): Promise<IntakeReply> | null {
    const [whole, form, page = ""] = formPath.exec(path) ?? [];
    if (whole === undefined || form === undefined) return receivePerson(path, request);
    // Nothing is recorded there, so nobody who sends something is thanked.
    if (page && request.method !== "GET" && request.method !== "HEAD") return null;
    const asked = { ...request, form, path: page ? path.slice(0, -page.length) : path };
    return isForwarded(request) ? receiveForwarded(asked, page) : receiveForm(asked, page);
  }

  /** `page`: a page beside the form, such as `/thanks`; empty for the form itself. */
  function receiveForm(request: IntakeRequest, page: string): Promise<IntakeReply> {
    if (!page) return intake.receive(request);
    return Promise.resolve(
      page === "/thanks" ? intake.thanks(request) : screening.page(page.slice(1) as ScreenPage, request),
    );
  }

  async function receiveForwarded(request: IntakeRequest, page: string): Promise<IntakeReply> {
    const believed = await checkForwarder(request, `/f/${request.form}${page}`);
    if (believed.type === "request") return receiveForm(believed.request, page);
    happened({ type: "refused", code: badSignature });
    warnOfForwarder(believed.why);
    return badSignatureReply(believed.why);
  }

  /** Anybody can send a wrong one: the log is told now and then. */
  function warnOfForwarder(why: string): void {
    if (now() - forwarderWarnedAt < warnOfForwarderEveryMs) return;
    forwarderWarnedAt = now();
    log.warn({ code: badSignature }, `a forwarder's signature does not hold, and nothing of it is kept: ${why}`);
  }

  return {
    handler: async (request, { address, waitUntil } = {}) => {
      // Some frameworks are set to end every path with a slash, and send browsers there.
      const pathname = new URL(request.url).pathname.replace(/\/$/, "");
      if (isScript(pathname, request.method)) return visitorScript(request);
      const reply = await receive(pathname, intakeRequestOf(request, address, options.publicUrl));
      if (!reply) return new Response("Not found\n", { status: 404 });
      drainAfter(reply, waitUntil);
      return responseOf(reply);
    },
    receive,
    start: async () => {
      await warnOfOrphans(options, ledger, log);
      await lanes.start();
      retention.start();
      screening.captchas.start();
      watch.start();
      nightly.start();
      dayKeys.destroyOld();
      keyTimer = setInterval(dayKeys.destroyOld, destroyKeysEveryMs).unref();
      networkTimer = setTimeout(loadNetwork, loadNetworkAfterMs).unref();
    },
    drain: ({ budgetMs = drainBudgetMs } = {}) => drain(budgetMs),
    stop: async ({ graceMs = stopGraceMs } = {}) => {
      clearInterval(keyTimer);
      clearTimeout(networkTimer);
      await screening.captchas.stop();
      nightly.stop();
      await watch.stop();
      await completeness.stop();
      await lanes.stop({ graceMs });
      await retention.stop();
      await rescuer.stop();
      await Promise.all(options.destinations.map(({ close }) => close?.()));
      await network.close();
      await ledger.close();
    },
    status: lanes.status,
    onChange: (listener) => {
      listeners.add(listener);
      const unsubscribe = ledger.onWake(() => listener("deliveries"));
      return () => {
        listeners.delete(listener);
        unsubscribe();
      };
    },
    observe: (observer) => {
      observers.add(observer);
      return () => void observers.delete(observer);
    },
    keep: async (entry) => {
      const accepted = await ledger.accept(entry);
      if (!accepted.repeated) tellAccepted(entry);
      lanes.wake();
      changed("leads");
      return accepted;
    },
    check: (destination) => checkDestination(destination, toolContext(network.fetch, now)),
    sign: (purpose, text) => createHmac("sha256", derivedKey(secret, purpose)).update(text).digest("base64url"),
    consent: desk,
    rights: openRights(options, ledger, secrets),
    spam: openSpamDesk(options, ledger),
    retention,
    alerts: openAlerts(options, ledger),
    completeness,
    ledger,
    accounts: ledger.accounts,
    options,
    log,
  };
}

function isScript(path: string, method: string): boolean {
  return path.endsWith("/leadkeep.js") && (method === "GET" || method === "HEAD");
}

/** The ledger a configuration names, on its own: for commands that look at it without running a gateway. */
export async function openLedger(options: Options, told: LedgerHooks = {}): Promise<OpenedLedger> {
  const { databaseUrl: url, databaseConnections: connections, dataFolder, destinations, masterKeys } = options;
  const hooks = { ...told, masterKeys };
  const interests = {
    // It is told of how leads fared elsewhere: where there is no elsewhere, of nothing.
    statusAt: destinations.length > 1 ? destinations.filter(({ sync }) => sync !== null).map(({ id }) => id) : [],
    oncePerPerson: destinations.filter(({ oncePerPersonMs }) => oncePerPersonMs !== null).map(({ id }) => id),
  };
  if (url === null) return openLedgerAt({ type: "sqlite", path: join(dataFolder, "ledger.db") }, interests, hooks);
  const { databaseEngine: engine, databaseBackend: backend } = options;
  const ledger = await openLedgerAt({ type: "postgres", url, connections, engine, backend }, interests, hooks);
  try {
    const [secret, ...older] = secretsOf(options);
    await agreeOnSecret(ledger.together, [fingerprintOf(secret), ...older.map(fingerprintOf)]);
    return ledger;
  } catch (error) {
    await ledger.close();
    throw error;
  }
}

function fingerprintOf(secret: string): string {
  return derivedKey(secret, "fingerprint").toString("base64url").slice(0, 16);
}

export { captchaChecks, openSpamDesk } from "./spam.ts";

/** The consent desk on its own, for commands. */
export function openConsentDesk(options: Options, ledger: Ledger, secrets: Secrets = secretsOf(options)): ConsentDesk {
  const { personKeys } = createKeyedHash(secrets);
  return createConsentDesk({ ledger, destinations: options.destinations, personKeys, now: Date.now });
}

/** What people may ask of their own data, on its own: for commands. */
export function openRights(options: Options, ledger: Ledger, secrets: Secrets = secretsOf(options)): Rights {
  return createRights({
    ledger,
    destinations: options.destinations,
    ...createKeyedHash(secrets),
    countryOf: (form) => (form === null ? null : options.forms?.get(form)?.country) ?? options.country,
    now: Date.now,
    wait,
  });
}

/** What ends leads that have been kept long enough, on its own: for commands. */
export function openRetention({ retention: rules }: Options, ledger: Ledger, log: Log = silentLog): RetentionDuty {
  return createRetention({ ledger, rules, log, now: Date.now, wait });
}

/** The wordings people were shown, as the configuration has them. */
function wordingsOf({ forms }: Options): ReadonlySet<string> {
  const controls = [...(forms?.values() ?? [])].flatMap(({ consents }) => consents);
  return new Set(controls.flatMap(({ text }) => text ?? []));
}

function findForm({ forms, country, openScreens }: Options, id: string): Form | null {
  if (forms) return forms.get(id) ?? null;
  return isPlainId(id) ? openForm(id, country, openScreens) : null;
}

/** The HTTP client takes longer to load than everything else together, and a start does not wait for it. */
function lazyNetwork(options: Options) {
  let loading: Promise<GuardedNetwork> | null = null;
  function load(): Promise<GuardedNetwork> {
    loading ??= import("./delivery/guarded-fetch.ts").then((module) => module.createGuardedNetwork(options));
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
