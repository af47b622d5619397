import type { Context } from "hono";
import type { Gateway } from "../../gateway.ts";
import { visitorAddress } from "../visitor-address.ts";
import type { ApiEnv } from "./router.ts";

/** Stands for the address a request comes from, without being it. An IPv6 address counts with its whole network. */
export function addressKey(c: Context<ApiEnv>, { options, sign }: Gateway): string {
  const socket = c.env?.incoming?.socket.remoteAddress;
  const address = visitorAddress(socket, c.req.header("x-forwarded-for") ?? null, options.trustProxy) ?? "";
  return sign("address", address.includes(".") ? address : address.split(":").slice(0, 4).join(":"));
}

/**
 * What stands before the name of the session's cookie: behind https `__Host-`, by which no other name of the same domain can
 * give a browser such a cookie.
 */
export function cookiePrefix(c: Context<ApiEnv>, options: Gateway["options"]): "host" | undefined {
  return isHttps(c, options) ? "host" : undefined;
}

/** Whether the browser speaks https with us, or with the proxy in front. */
function isHttps(c: Context<ApiEnv>, { publicUrl, trustProxy }: Gateway["options"]): boolean {
  const said = trustProxy > 0 ? c.req.header("x-forwarded-proto")?.split(",").at(-1)?.trim() : undefined;
  return said === undefined ? (publicUrl?.startsWith("https:") ?? false) : said === "https";
}
