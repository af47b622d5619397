import { createServer, request as forward, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import type { Lead } from "../../src/model/lead.ts";
import { aGateway, type TestGateway, type TestGatewayOptions } from "./a-gateway.ts";
import { atTestEnd } from "./test-end.ts";
import { until } from "./until.ts";

/** A page of the site: HTML, and a policy when it has one. */
export type SitePage = { html: string; policy?: string };

/** A site on one origin, and on another a gateway behind a proxy that can be cut off. */
export type Visit = {
  siteUrl: string;
  /** The proxy in front of the gateway, which is where forms and scripts are told to go. */
  leadsUrl: string;
  gateway: TestGateway;
  context: BrowserContext;
  /** Puts up a page, instead of what was there. */
  put(path: string, page: SitePage): void;
  open(path?: string): Promise<Page>;
  /** Until told otherwise, resets every connection before the gateway gets to see the request. */
  cutOff(isOff: boolean): void;
  /** What came to the proxy while it was not cut off: posts only. */
  posts: { headers: IncomingHttpHeaders; body: string }[];
  leads(): Promise<Lead[]>;
  /** All leads once there are this many. */
  leadsAt(count: number): Promise<Lead[]>;
  /** Violations of pages' policies, console errors aside. */
  violations: string[];
};

/** A visitor with a browser of their own; everything is closed when the test is over. */
export async function aVisit(
  browser: Browser,
  { gateway: options, context: contextOptions }: { gateway?: TestGatewayOptions; context?: BrowserContextOptions } = {},
): Promise<Visit> {
  const gateway = await aGateway(options);
  const pages = new Map<string, SitePage>();
  const posts: Visit["posts"] = [];
  const violations: string[] = [];
  let isOff = false;

  const proxy = await listening((request, response) => {
    if (isOff) {
      request.socket.destroy();
      return;
    }
    if (request.method === "POST") {
      const post = { headers: request.headers, body: "" };
      posts.push(post);
      request.on("data", (chunk) => {
        post.body += chunk;
      });
    }
    const { method = "GET", url = "/", headers } = request;
    const onwards = forward(gateway.url + url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onwards.once("error", () => response.destroy());
    request.pipe(onwards);
  });
  const site = await listening(({ url = "/" }, response) => {
    const page = pages.get(url.split("?")[0] ?? "");
    response.writeHead(page ? 200 : 404, {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer-when-downgrade",
      ...(page?.policy ? { "content-security-policy": page.policy } : {}),
    });
    response.end(page?.html ?? "");
  });
  const context = await browser.newContext({ timezoneId: "Europe/Paris", ...contextOptions });
  await context.exposeFunction("toldViolation", (what: string) => violations.push(what));
  await context.addInitScript(`document.addEventListener("securitypolicyviolation", (event) => {
    toldViolation(event.effectiveDirective + " " + event.blockedURI);
  })`);
  atTestEnd(async () => {
    await context.close();
    await Promise.all([proxy.close(), site.close()]);
    await gateway.close();
  });

  async function leads(): Promise<Lead[]> {
    const found: Lead[] = [];
    for await (const { lead } of gateway.gateway.ledger.listLeads({})) found.push(lead);
    return found;
  }

  return {
    siteUrl: site.url,
    leadsUrl: proxy.url,
    gateway,
    context,
    put: (path, page) => void pages.set(path, page),
    async open(path = "/") {
      const page = await context.newPage();
      await page.goto(site.url + path);
      return page;
    },
    cutOff: (off) => {
      isOff = off;
    },
    posts,
    leads,
    leadsAt: (count) => until(async () => ((found) => found.length >= count && found)(await leads())),
    violations,
  };
}

/** A page with one form for the gateway. `form` and `script` are further attributes of the tags, `head` more of the head. */
export function aFormPage(
  { leadsUrl }: Pick<Visit, "leadsUrl">,
  { form = 'data-thanks-message="Thanks!"', script = "", head = "" } = {},
): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Contact us</title><link rel="icon" href="data:,">
${head}<script src="${leadsUrl}/leadkeep.js" defer ${script}></script></head><body>
${aForm(leadsUrl, form)}<a href="/next">Next</a></body></html>`;
}

export function aForm(leadsUrl: string, attributes: string): string {
  return `<form method="post" action="${leadsUrl}/f/contact" data-leadkeep ${attributes}>
<label>Name <input name="name" autocomplete="name"></label>
<label>E-mail <input name="email" inputmode="email" aria-describedby="hint"></label><small id="hint">We answer there.</small>
<label>Message <textarea name="message"></textarea></label>
<label><input type="checkbox" name="consent"> You may answer me</label>
<button name="via" value="main">Send</button></form>`;
}

/** Fills the form in as one person would. */
export async function fillIn(page: Page, email = "ada@example.com"): Promise<void> {
  await page.getByLabel("Name").fill("Ada Lovelace");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Message").fill("Two engines,\nplease");
  await page.getByLabel("You may answer me").check();
}

export async function send(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Send" }).click();
}

/** Waits until the form says it. */
export async function said(page: Page, text: string | RegExp): Promise<void> {
  await page.locator("[data-leadkeep-status]").filter({ hasText: text }).waitFor();
}

async function listening(answer: Parameters<typeof createServer>[1]): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer({}, answer as NonNullable<typeof answer>);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
