import type { Gateway } from "../../gateway.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import { visitorAddress } from "../../server/visitor-address.ts";
import { type GatewayOptions, type OpenGateway, openOnce } from "./one-gateway.ts";
import { platformWaitUntil, type WaitUntil } from "./wait-until.ts";

/** What an adapter may be told. Without anything it opens the app's gateway with the first request. */
export type MountOptions = GatewayOptions & {
  /** A gateway of your own, which you start and stop. */
  gateway?: Gateway | Promise<Gateway>;
  /** The host's way to go on after the reply, such as Next's `after`. @default what the framework or platform offers */
  waitUntil?: WaitUntil;
};

/** What a framework knows of one request. `address`: of whoever is connected, which may be a proxy. */
export type Visit = { address?: string | null | undefined; waitUntil?: WaitUntil | undefined };

/** Answers requests by the app's gateway. `X-Forwarded-For` is believed as far as `TRUST_PROXY` says. */
export function mount(options: MountOptions = {}): (request: Request, visit: Visit) => Promise<Response> {
  let opening: Promise<OpenGateway> | null = null;

  function open(): Promise<OpenGateway> {
    opening ??= (options.gateway ? given(options.gateway) : openOnce(options)).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  }

  async function answer(request: Request, visit: Visit): Promise<Response> {
    const { gateway, work } = await open();
    const forwarded = request.headers.get("x-forwarded-for");
    const address = visitorAddress(visit.address ?? undefined, forwarded, gateway.options.trustProxy);
    const awaited: Promise<unknown>[] = [];
    const waitUntil =
      work === "before-reply"
        ? (done: Promise<unknown>) => void awaited.push(done)
        : (options.waitUntil ?? visit.waitUntil ?? platformWaitUntil());
    const response = await gateway.handler(request, { address, ...(work !== false && waitUntil ? { waitUntil } : {}) });
    await Promise.all(awaited);
    return response;
  }

  return async (request, visit) => {
    try {
      return await answer(request, visit);
    } catch (error) {
      if (error instanceof LedgerUnavailable) return unavailable();
      throw error;
    }
  };
}

/** A gateway that was not started delivers after replies; one that was needs nothing from us. */
async function given(gateway: Gateway | Promise<Gateway>): Promise<OpenGateway> {
  return { gateway: await gateway, work: "after-reply" };
}

/** The ledger could not even be opened. Pages of any origin may see it, since whose form it is cannot be told yet. */
function unavailable(): Response {
  return new Response("Your details were not saved. Please send them again in a few seconds.\n", {
    status: 503,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "retry-after": "5",
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "retry-after",
    },
  });
}
