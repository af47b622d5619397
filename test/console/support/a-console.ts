import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { type Sandbox, startSandbox } from "../../../src/sandbox/index.ts";
import { aGateway, type TestGateway, type TestGatewayOptions } from "../../support/a-gateway.ts";
import { openBrowser } from "../../support/chromium.ts";

/** The password of the one built-in owner. */
export const ownerPassword = "correct horse battery";

/** The console of a real gateway, whose vendors are the sandbox, in a real browser. */
export type TestConsole = {
  gateway: TestGateway;
  sandbox: Sandbox;
  /** Opens a page below `/console` as the owner, until the test is over. What it complains of is in `complaints`. */
  open(path: string, options?: BrowserContextOptions): Promise<Page>;
  /** The same for a page that several tests look at: it stays until the console closes. */
  openForAll(path: string): Promise<Page>;
  /** Signs in as someone with this role, in a browser of their own. */
  openAs(role: "viewer" | "operator" | "owner", path: string): Promise<Page>;
  /** A page of someone who is not signed in. */
  openSignedOut(path: string): Promise<Page>;
  /** Errors of scripts, and breaches of the page's policy. */
  complaints: string[];
  close(): Promise<void>;
};

export type TestConsoleOptions = TestGatewayOptions & {
  /** Vendors that were there before, and stay when the console closes. @default new ones */
  vendors?: Sandbox;
};

export async function aConsole({ variables, vendors, ...options }: TestConsoleOptions = {}): Promise<TestConsole> {
  const sandbox = vendors ?? (await startSandbox());
  const gateway = await aGateway({
    ...options,
    variables: {
      LEADKEEP_ADMIN_PASSWORD: ownerPassword,
      CRM_WEBHOOK_URL: sandbox.vendors.webhook.url,
      ZAPIER_WEBHOOK_URL: sandbox.vendors.zapier.url,
      ...variables,
    },
  });
  const browser = await openBrowser();
  const complaints: string[] = [];
  const owner = await signedIn({ password: ownerPassword });

  async function signedIn(login: { email?: string; password: string }): Promise<string> {
    const answered = await fetch(`${gateway.url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: gateway.url, "sec-fetch-site": "same-origin" },
      body: JSON.stringify(login),
    });
    const cookie = answered.headers.get("set-cookie")?.split(";")[0];
    if (!cookie) throw new Error(`sign-in answered ${answered.status}: ${await answered.text()}`);
    return cookie;
  }

  async function addPerson(role: string): Promise<{ email: string; password: string }> {
    const login = { email: `${role}@example.com`, password: `${role} battery staple` };
    const answered = await fetch(`${gateway.url}/api/v1/people`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        cookie: owner,
        origin: gateway.url,
        "sec-fetch-site": "same-origin",
      },
      body: JSON.stringify({ ...login, name: `The ${role}`, role }),
    });
    if (!answered.ok) throw new Error(`adding a person answered ${answered.status}: ${await answered.text()}`);
    return login;
  }

  /** The owner's windows, by their options: the script is compiled once for all pages in one. */
  const windows = new Map<string, Promise<BrowserContext>>();

  function windowOf(cookie: string | null, options: BrowserContextOptions): Promise<BrowserContext> {
    if (cookie !== owner) return newWindow(cookie, options);
    const key = JSON.stringify(options);
    const window = windows.get(key) ?? newWindow(cookie, options);
    windows.set(key, window);
    return window;
  }

  async function newWindow(cookie: string | null, options: BrowserContextOptions): Promise<BrowserContext> {
    const context = await browser.newContext({ locale: "en-GB", reducedMotion: "reduce", ...options });
    if (cookie !== null) {
      const at = cookie.indexOf("=");
      await context.addCookies([{ name: cookie.slice(0, at), value: cookie.slice(at + 1), url: gateway.url }]);
    }
    return context;
  }

  /** A page left open would go on listening to the gateway, and what it remembers is no other test's. */
  async function leave(page: Page): Promise<void> {
    if (page.isClosed()) return;
    await page.evaluate("localStorage.clear()");
    for (const each of page.context().pages()) await each.close();
  }

  async function pageOf(cookie: string | null, path: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await goTo(await windowOf(cookie, options), path);
    onTestFinished(() => leave(page));
    return page;
  }

  async function goTo(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      // The browser itself reports every answer that is an error; the pages say those in words.
      if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
        complaints.push(message.text());
    });
    await page.goto(`${gateway.url}/console${path}`);
    return page;
  }

  return {
    gateway,
    sandbox,
    complaints,
    open: (path, options) => pageOf(owner, path, options),
    openForAll: async (path) => goTo(await newWindow(owner, {}), path),
    openSignedOut: (path) => pageOf(null, path),
    openAs: async (role, path) => pageOf(await signedIn(await addPerson(role)), path),
    async close() {
      await browser.close();
      await gateway.close();
      if (!vendors) await sandbox.close();
    },
  };
}
