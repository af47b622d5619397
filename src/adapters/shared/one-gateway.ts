import { join } from "node:path";
import { checkConfig, type LeadkeepConfig, type Options } from "../../config/config.ts";
import { type Variables, variablesWithDotenv } from "../../config/environment.ts";
import { loadConfig } from "../../config/load-config.ts";
import { type Gateway, openGateway } from "../../gateway.ts";
import { createLogger } from "../../logger.ts";
import { LeadkeepError } from "../../model/errors.ts";
import { traceOf } from "../../model/log.ts";

/**
 * Who delivers what an app's gateway keeps. `lanes`: the app's own process, which stays. `after-reply`: the function that kept it,
 * by the host's `waitUntil`. `before-reply`: the same while the visitor waits, for hosts that have none. `false`: another process
 * on the same Postgres, such as `leadkeep start`, or a timer.
 */
export type Work = "lanes" | "after-reply" | "before-reply" | false;

/** How an app's gateway is opened. */
export type GatewayOptions = {
  /** @default the `leadkeep.config.*` of `folder` */
  config?: LeadkeepConfig;
  /** Where config file and `.env` are. @default the working directory */
  folder?: string;
  /** Over those of `.env`. @default `process.env` */
  variables?: Variables;
  /** @default `false` with LEADKEEP_WORKER=0, `after-reply` on Vercel and AWS Lambda, else `lanes` */
  work?: Work;
};

/** An open gateway, and who delivers. */
export type OpenGateway = { gateway: Gateway; work: Work };

const registry = Symbol.for("leadkeep.gateways");

/**
 * The app's gateway, opened and set to work by whoever asks first. There is one for each ledger in a process, however often a
 * development server or a bundler has this code anew, so a ledger is never opened twice; of two configurations the first stands.
 * What failed is tried again by the next who asks. @throws {ConfigError}, {LedgerUnavailable}, {LeadkeepError}
 */
export async function getGateway(options: GatewayOptions = {}): Promise<Gateway> {
  return (await openOnce(options)).gateway;
}

/** The same, with who delivers. */
export async function openOnce({
  config,
  folder = process.cwd(),
  variables = process.env,
  work,
}: GatewayOptions): Promise<OpenGateway> {
  const options = config
    ? await checkConfig(config, variablesWithDotenv(variables, folder))
    : await loadConfig(folder, variables);
  const gateways = openGateways();
  const ledger = options.databaseUrl ?? join(options.dataFolder, "ledger.db");
  const forget = () => gateways.delete(ledger);
  const known = gateways.get(ledger);
  if (known) return known;
  if (isFunction(variables) && options.databaseUrl === null) throw needsPostgres();
  const opening = open(options, work ?? workOn(options, variables), forget);
  gateways.set(ledger, opening);
  opening.catch((error) => {
    forget();
    const message = error instanceof LeadkeepError ? error.message : "the gateway cannot be opened";
    createLogger(options.logLevel).error({ error: traceOf(error) }, message);
  });
  return opening;
}

function openGateways(): Map<string, Promise<OpenGateway>> {
  const shared = globalThis as { [registry]?: Map<string, Promise<OpenGateway>> };
  shared[registry] ??= new Map();
  return shared[registry];
}

/** `forget`: told when the gateway is stopped, so that the next who asks gets one that works. */
async function open(options: Options, work: Work, forget: () => void): Promise<OpenGateway> {
  const opened = await openGateway(options, { log: createLogger(options.logLevel) });
  let stopping: Promise<void> | null = null;
  const stop: Gateway["stop"] = (within) => {
    forget();
    unsubscribe();
    stopping ??= opened.stop(within);
    return stopping;
  };
  const unsubscribe = stopWithProcess(stop);
  try {
    if (work === "lanes") await opened.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { gateway: { ...opened, stop }, work };
}

function workOn({ worker }: Options, variables: Variables): Work {
  if (!worker) return false;
  return isFunction(variables) ? "after-reply" : "lanes";
}

/** Whether this is a function that its host freezes after each reply, and whose disk is gone with it. */
function isFunction({ VERCEL, AWS_LAMBDA_FUNCTION_NAME }: Variables): boolean {
  return Boolean(VERCEL || AWS_LAMBDA_FUNCTION_NAME);
}

function needsPostgres(): LeadkeepError {
  const message = "This host keeps no files, so the embedded ledger cannot be used. Set DATABASE_URL.";
  return new LeadkeepError("needs_postgres", message);
}

/** Attempts under way are finished when the process is told to end. Whoever else listens to the signal ends it; else we do. */
function stopWithProcess(stop: () => Promise<void>): () => void {
  async function end(signal: NodeJS.Signals): Promise<void> {
    await stop();
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
  }
  for (const signal of endings) process.on(signal, end);
  return () => {
    for (const signal of endings) process.off(signal, end);
  };
}

const endings = ["SIGTERM", "SIGINT"] as const;
