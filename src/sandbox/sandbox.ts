import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type * as z from "zod";
import { control } from "./control.ts";
import type { HttpAnswer } from "./fault.ts";
import { json } from "./json-answer.ts";
import { type Mailbox, openMailbox } from "./mail/mailbox.ts";
import { type OpenVendor, openVendor } from "./open-vendor.ts";
import type { Site } from "./pages/demo-site.ts";
import { openPages } from "./pages/pages.ts";
import type { Vendor, VendorDefinition, VendorRequest } from "./vendor.ts";
import { vendorDefinitions } from "./vendors/index.ts";
import { readRequest, send, write } from "./wire.ts";

export type SandboxOptions = {
  /** @default 0, any free port */
  port?: number;
  /** The mail server's. @default 0, any free port */
  smtpPort?: number;
  /** @default "127.0.0.1". The sandbox has no login: keep it on loopback. */
  host?: string;
  /** Draws for faults with a `rate`. @default Math.random */
  random?: () => number;
  /** Epoch milliseconds; times what is received and the vendors' rate limits. @default Date.now */
  now?: () => number;
  /** Where the demo site's form posts. Without it `/` leads to the sandbox page. */
  site?: Site;
};

/** A running sandbox: every fake vendor, the sandbox page and the demo site on one port, and a mail server. */
export type Sandbox = {
  /** `http://host:port`, without a slash at the end. */
  url: string;
  vendors: SandboxVendors;
  /** The mail server, on a port of its own. */
  mail: Mailbox;
  /** Puts up the demo site, for a gateway whose address is known only after the sandbox's. */
  showSite(site: Site): void;
  /** Forgets everything: what the vendors hold, their faults and their settings. */
  reset(): void;
  /** Stops, and cuts every connection, hanging ones too. */
  close(): Promise<void>;
};

/** The vendors by name, each with its own settings. */
export type SandboxVendors = {
  [Name in keyof typeof vendorDefinitions]: Vendor<
    z.output<(typeof vendorDefinitions)[Name]["settings"]>,
    OwnOf<(typeof vendorDefinitions)[Name]>
  >;
};

type OwnOf<Definition> = Definition extends VendorDefinition<z.ZodObject, infer Own> ? Own : unknown;

/** Starts the sandbox. @throws when the port is taken. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, smtpPort = 0, host = "127.0.0.1", random = Math.random, now = Date.now } = options;
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, host, listening);
  });
  const authority = `${host.includes(":") ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
  const origin = `http://${authority}`;
  const vendors = new Map<string, OpenVendor>();
  for (const definition of Object.values(vendorDefinitions)) {
    vendors.set(definition.name, openVendor(definition, { origin, random, now }));
  }
  const pages = await openPages([...vendors.values()]);
  const mail = await openMailbox({ port: smtpPort, host, random, now });
  const ownHosts = new Set([
    authority,
    ...["127.0.0.1", "localhost", "[::1]"].map((name) => authority.replace(/^.*(?=:)/, name)),
  ]);
  let site = options.site ?? null;

  return {
    url: origin,
    vendors: Object.fromEntries(vendors) as unknown as SandboxVendors,
    mail,
    showSite(next) {
      site = next;
    },
    reset,
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      await Promise.all([closed, mail.close()]);
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const read = await readRequest(request);
      const vendor = vendorAt(read.path);
      if (vendor) send(vendor.receive(read), response);
      else write(ownAnswer(read), response);
    } catch (error) {
      // A client that gave up has no one left to answer; anything else is a bug its author wants to see.
      if (request.destroyed && !request.complete) return;
      if (response.headersSent) response.destroy();
      else write(json(500, { error: String(error) }), response);
    }
  }

  function vendorAt(path: string): OpenVendor | undefined {
    const [pathname = ""] = path.split("?");
    return [...vendors.values()].find(({ mount }) => `${pathname}/`.startsWith(mount));
  }

  function ownAnswer(request: VendorRequest): HttpAnswer {
    const refusal = strangerRefusal(request, ownHosts);
    if (refusal) return json(403, { error: refusal });
    if (request.path.startsWith("/_sandbox/")) return control(request, { vendors, mail, reset });
    return pages(request, site) ?? json(404, { error: "not found" });
  }

  function reset(): void {
    for (const vendor of vendors.values()) vendor.reset();
    mail.reset();
  }
}

/**
 * Why a request to the sandbox itself is refused; null when it is not. A name that only points here (DNS rebinding) and
 * a form on another site must not reach the controls. Vendors take anybody, as the real ones do.
 */
function strangerRefusal({ method, headers }: VendorRequest, ownHosts: ReadonlySet<string>): string | null {
  if (!ownHosts.has(headers.host ?? "")) return "this host name is not the sandbox's own";
  const { origin } = headers;
  const foreign = origin !== undefined && ![...ownHosts].some((host) => origin === `http://${host}`);
  return foreign && method !== "GET" ? "this request comes from another site" : null;
}
