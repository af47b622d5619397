import { BlockList, isIP } from "node:net";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Gateway } from "../gateway.ts";
import { traceOf } from "../model/log.ts";
import { type Happening, unobserved } from "../model/observer.ts";
import type { Metrics } from "./metrics.ts";
import { isSame } from "./sign-in/secret.ts";

type Bindings = { Bindings: Partial<HttpBindings> };

/** The code that counts takes longer to load than a start should; what happens before is remembered, up to so much of it. */
const loadAfterMs = 2_000;
const mostRemembered = 1_000;

/**
 * Begins to count and trace what happens in a gateway, and answers `GET /metrics`. With `LEADKEEP_METRICS_TOKEN` set it is answered to whoever sends
 * that as a bearer token. Without, to loopback and private addresses, unless a proxy says that it asks for somebody
 * else; to all others there is nothing at this address.
 */
export function openMetrics(gateway: Gateway, stopping: AbortSignal): (c: Context<Bindings>) => Promise<Response> {
  const { metricsToken } = gateway.options;
  let remembered: Happening[] = [];
  let loading: Promise<Metrics> | null = null;
  let observe = (happening: Happening): void => {
    remembered.push(happening);
    if (remembered.length === mostRemembered) loadSoon();
  };
  const unsubscribe = gateway.observe((happening) => observe(happening));
  const timer = setTimeout(loadSoon, loadAfterMs).unref();
  stopping.addEventListener("abort", () => {
    clearTimeout(timer);
    unsubscribe();
  });

  async function load(): Promise<Metrics> {
    const [{ createMetrics }, { spansOf }] = await Promise.all([import("./metrics.ts"), import("./traces.ts")]);
    const metrics = createMetrics(gateway);
    const trace = spansOf();
    observe = (happening) => {
      metrics.observe(happening);
      trace(happening);
    };
    for (const happening of remembered) observe(happening);
    remembered = [];
    return metrics;
  }

  function loaded(): Promise<Metrics> {
    loading ??= load();
    return loading;
  }

  function loadSoon(): void {
    loaded().catch((error) => {
      gateway.log.error({ error: traceOf(error) }, "the code of metrics could not be loaded; nothing is counted");
      observe = unobserved;
      remembered = [];
    });
  }

  return async (c) => {
    if (metricsToken === null && !isNear(c)) return c.notFound();
    if (metricsToken !== null && !hasToken(c, metricsToken)) {
      const problem = { type: "about:blank", title: "Send the metrics token.", status: 401, code: "unauthorized" };
      const headers = { "content-type": "application/problem+json", "www-authenticate": "Bearer" };
      return Response.json(problem, { status: 401, headers });
    }
    const { contentType, body } = await (await loaded()).render();
    return new Response(body, { headers: { "content-type": contentType, "cache-control": "no-store" } });
  };
}

function hasToken(c: Context<Bindings>, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
  return isSame(given, token);
}

/** By these a proxy says that it asks for somebody else. */
const forwarding = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

function isNear(c: Context<Bindings>): boolean {
  const address = c.env?.incoming?.socket.remoteAddress?.replace(/^::ffff:/i, "") ?? "";
  const version = isIP(address);
  if (version === 0 || forwarding.some((name) => c.req.header(name) !== undefined)) return false;
  return near.check(address, version === 4 ? "ipv4" : "ipv6");
}

const near = new BlockList();
near.addSubnet("127.0.0.0", 8);
near.addSubnet("10.0.0.0", 8);
near.addSubnet("172.16.0.0", 12);
near.addSubnet("192.168.0.0", 16);
near.addAddress("::1", "ipv6");
near.addSubnet("fc00::", 7, "ipv6");
near.addSubnet("fe80::", 10, "ipv6");
