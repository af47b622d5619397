import { readFile } from "node:fs/promises";
import type { HttpAnswer } from "../fault.ts";
import type { Vendor, VendorRequest } from "../vendor.ts";
import { demoSite, type Site, thanksPage } from "./demo-site.ts";
import type { Html } from "./html.ts";
import { sandboxPage } from "./sandbox-page.ts";

const assetTypes: Record<string, string> = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8" };
const assetNames = ["site.css", "sandbox.css", "sandbox.js", "inbox.js"];

/** Reads the assets, and gives back what answers the pages: null when there is no such page. */
export async function openPages(
  vendors: readonly Vendor[],
): Promise<(request: VendorRequest, site: Site | null) => HttpAnswer | null> {
  const assets = new Map<string, HttpAnswer>();
  for (const name of assetNames) {
    const body = await readFile(new URL(`../assets/${name}`, import.meta.url), "utf8");
    const type = assetTypes[name.split(".")[1] ?? ""] ?? "text/plain";
    assets.set(`/assets/${name}`, { status: 200, headers: { ...always, "content-type": type }, body });
  }

  return ({ method, path: asked, query }, site) => {
    if (method !== "GET" && method !== "HEAD") return null;
    const [path = ""] = asked.split("?");
    switch (path) {
      case "/":
        return site ? page(demoSite(site, query), site) : { status: 302, headers: { location: "/sandbox" }, body: "" };
      case "/thanks":
        return page(thanksPage(site), site);
      case "/sandbox":
        return page(sandboxPage(vendors, site), null);
      default:
        return assets.get(path) ?? null;
    }
  };
}

const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

/** Nothing inline, and nothing from elsewhere but the gateway's script; forms go to the gateway and, after its redirect, back here. */
function page({ html }: Html, site: Site | null): HttpAnswer {
  const withGateway = site ? `'self' ${new URL(site.gatewayUrl).origin}` : "'self'";
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    `script-src ${withGateway}`,
    `connect-src ${withGateway}`,
    "img-src data:",
    "frame-src 'self'",
    `form-action ${withGateway}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  const headers = {
    ...always,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy.join("; "),
    // The gateway reads the campaign from the Referer when the visitor has no JavaScript; browsers cut it by default.
    "referrer-policy": "no-referrer-when-downgrade",
  };
  return { status: 200, headers, body: html };
}
