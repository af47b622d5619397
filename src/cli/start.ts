import type { Options } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import { type Gateway, openGateway } from "../gateway.ts";
import { createLogger } from "../logger.ts";
import { LeadkeepError } from "../model/errors.ts";
import { type RunningServer, startServer } from "../server/server.ts";
import { newSignInLink } from "../server/sign-in/link.ts";
import { printAside } from "./output.ts";

/** Requests under way get this long at the end; attempts get fifteen seconds. */
const requestGraceMs = 5_000;

/** So many leads at once, and a thread of its own records them: they come faster than one after another. */
const rushOfLeads = 24;

/** `leadkeep start`: runs until SIGTERM or SIGINT, then finishes what is under way. */
export async function start(): Promise<void> {
  const options = await loadConfig(process.cwd(), process.env);
  const { gateway, server } = await serve(options);
  // From the first request it answers on: what follows asks the ledger, which may be gone again by now.
  stopOnSignal(gateway, server);
  for (const line of greeting(options, server.url)) printAside(line);
  const console = await consoleAddress(gateway, server.url).catch(() => null);
  if (console === null)
    printAside("  the console     has no link yet: the ledger cannot be reached. Later: leadkeep sign-in");
  else printAside(`  the console is  ${console}${console.includes("#") ? "   (signs in once, within 24 hours)" : ""}`);
}

/** A gateway with its lanes at work, behind an HTTP server. */
export async function serve(options: Options): Promise<{ gateway: Gateway; server: RunningServer }> {
  const log = createLogger(options.logLevel);
  const gateway = await openGateway(options, { log, threadAt: rushOfLeads });
  let server: RunningServer | null = null;
  try {
    server = await startServer(gateway);
    await gateway.start();
    log.info({ listening: server.url, destinations: options.destinations.map(({ id }) => id) }, "started");
    return { gateway, server };
  } catch (error) {
    // Else it would go on listening, and answer 503 for ever.
    await server?.close(0);
    await gateway.stop();
    throw inWords(error, options);
  }
}

/** Ends the process in order on the first SIGTERM or SIGINT, and at once on the second. */
export function stopOnSignal(
  gateway: Gateway,
  server: RunningServer,
  also: () => Promise<void> = async () => {},
): void {
  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    gateway.log.info({ signal }, "stopping: finishing what is under way");
    await server.close(requestGraceMs);
    await gateway.stop();
    await also();
    gateway.log.info({}, "stopped");
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void stop(signal));
}

/** Where the console is; as long as there is no other way in, with the token of a link that signs in once. */
export async function consoleAddress({ accounts, options }: Gateway, url: string): Promise<string> {
  const base = (options.publicUrl ?? url).replace(/\/+$/, "");
  const isOpen = options.adminPassword !== null || (await accounts.people()).length > 0;
  return isOpen ? `${base}/console` : newSignInLink(accounts, base, Date.now());
}

function greeting({ destinations, forms, dataFolder, databaseUrl }: Options, url: string): string[] {
  const form = forms ? [...forms.keys()][0] : "contact";
  return [
    `Leadkeep is listening on ${url}`,
    `  forms post to   ${url}/f/${form}${forms ? "" : "   (any form id)"}`,
    `  leads are kept  in ${databaseUrl === null ? dataFolder : "Postgres (DATABASE_URL)"}`,
    destinations.length > 0
      ? `  and delivered   to ${destinations.map(({ id, label }) => (id === label.toLowerCase() ? label : `${id} (${label})`)).join(", ")}`
      : "  NOT DELIVERED   anywhere: leads are kept, but no destination is configured to receive them (see .env.example)",
  ];
}

function inWords(error: unknown, { host, port }: Options): unknown {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE") {
    return new LeadkeepError(
      "port_taken",
      `Port ${port} on ${host} is taken by another program. Set PORT to another one.`,
    );
  }
  if (code === "EADDRNOTAVAIL" || code === "EACCES" || code === "ENOTFOUND") {
    return new LeadkeepError(
      "cannot_listen",
      `Cannot listen on ${host}:${port} (${code}). Set HOST and PORT to ones this machine offers.`,
    );
  }
  return error;
}
