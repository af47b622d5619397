import type { Options } from "../../config/config.ts";
import type { CheckResult, ToolContext } from "../../model/destination.ts";
import { NetworkError } from "../../model/network-error.ts";
import { isLoopback } from "./loopback.ts";

type Public = Pick<Options, "publicUrl" | "trustProxy" | "host" | "port">;
const patienceMs = 10_000;

/** Whether browsers can find this gateway where it says it is, by https, and whose word is taken for a visitor's address. */
export async function checkPublicAddress(options: Public, { fetch }: ToolContext): Promise<CheckResult[]> {
  const { publicUrl } = options;
  if (publicUrl === null) {
    const detail = "is not set: mails cannot hold links to confirm or to withdraw";
    const cure = "Set it to the address browsers know this gateway by, such as https://leads.example.com";
    return [{ what: "PUBLIC_URL", result: "warning", detail, cure }, trustOf(options)];
  }
  return [schemeOf(publicUrl), await reach(publicUrl, fetch), trustOf(options)].filter((one) => one !== null);
}

function schemeOf(publicUrl: string): CheckResult | null {
  const { protocol, hostname } = new URL(publicUrl);
  if (protocol === "https:" || isLoopback(hostname)) return null;
  const detail = "begins with http: what people type can be read on the way";
  const cure = "Put a proxy with a certificate in front (deploy/Caddyfile), and write https.";
  return { what: "PUBLIC_URL", result: "problem", detail, cure };
}

async function reach(publicUrl: string, fetch: ToolContext["fetch"]): Promise<CheckResult> {
  const what = "public address";
  const url = `${publicUrl.replace(/\/+$/, "")}/healthz`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(patienceMs) });
    const isOurs = response.ok && /"status"\s*:\s*"ok"/.test(await response.text());
    if (isOurs) return { what, result: "ok", detail: `${publicUrl} answers` };
    if (response.status >= 300 && response.status < 400) {
      const cure = "Set PUBLIC_URL to the address it leads to; a form post does not survive a redirect.";
      return { what, result: "problem", detail: `${url} leads elsewhere (${response.status})`, cure };
    }
    const gone =
      response.status >= 500
        ? "The proxy answers, the gateway behind it does not: start it, and see the proxy's target."
        : "";
    const cure = gone || "See what the proxy or DNS name leads to: it is not this gateway, or not at its root.";
    return { what, result: "problem", detail: `${url} answered ${response.status}, not as Leadkeep`, cure };
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return unreachable(url, error);
  }
}

/** From behind a router the own public address often cannot be reached: only what is wrong everywhere is a problem. */
function unreachable(url: string, { code, message }: NetworkError): CheckResult {
  const what = "public address";
  const detail = `${url} cannot be reached from here: ${message}`;
  if (code === "enotfound")
    return { what, result: "problem", detail, cure: "Add the name to your DNS, or correct PUBLIC_URL." };
  if (/certificate/.test(message)) return { what, result: "problem", detail, cure: "Renew the proxy's certificate." };
  return {
    what,
    result: "warning",
    detail,
    cure: "Open it in a browser elsewhere; if it fails there too, see proxy and firewall.",
  };
}

/** This program speaks no TLS itself: by https there is a proxy, and without trust in it every visitor seems to be that proxy. */
function trustOf({ publicUrl, trustProxy, host, port }: Public): CheckResult {
  const what = "TRUST_PROXY";
  const url = publicUrl === null ? null : new URL(publicUrl);
  if (url?.protocol === "https:" && trustProxy === 0) {
    const detail = "is 0, and by https there is a proxy in front: all visitors seem to come from its address";
    return {
      what,
      result: "problem",
      detail,
      cure: "Set it to 1, or to how many proxies there are (a CDN is one more).",
    };
  }
  const direct = url?.protocol === "http:" && Number(url.port || 80) === port && !isLoopback(host);
  if (trustProxy > 0 && direct) {
    const detail = `is ${trustProxy}, and browsers reach this port directly: a visitor can claim any address`;
    return {
      what,
      result: "problem",
      detail,
      cure: "Set it to 0, or let only the proxy reach the port (HOST=127.0.0.1).",
    };
  }
  return { what, result: "ok", detail: trustProxy === 0 ? "no proxy is believed" : `${trustProxy} in front believed` };
}
