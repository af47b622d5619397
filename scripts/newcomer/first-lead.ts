import { setTimeout as wait } from "node:timers/promises";
import type { Sandbox } from "../../src/sandbox/index.ts";
import type { Running } from "./shell.ts";

/** Longest a site may take to answer, and a lead to arrive. */
const limitMs = 90_000;

/**
 * Sends the form as a script does and as a browser does, and waits until both leads have arrived in the sandbox. `page`: where
 * the form is shown, which then says where it posts to. @throws with what the site said when that does not come about
 */
export async function firstLead(
  site: Running,
  base: string,
  { page, action }: { page: string | null; action: string },
  sandbox: Sandbox,
): Promise<void> {
  const target = page === null ? base + action : await actionOn(site, base, page);
  if (!target.endsWith("/f/contact")) throw new Error(`the form posts to ${target}`);
  const script = { name: "Ada Lovelace", email: "script@example.com", consent: true };
  const json = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(script) };
  const accepted = await until(site, () => fetch(target, json), "answer a form");
  if (accepted.status !== 202) throw new Error(`JSON was answered ${accepted.status}: ${await accepted.text()}`);

  const body = new URLSearchParams({ name: "Ada Lovelace", email: "browser@example.com", consent: "yes" });
  const headers = { origin: new URL(target).origin, accept: "text/html" };
  const thanked = await fetch(target, { method: "POST", headers, body });
  if (!thanked.ok || !thanked.redirected)
    throw new Error(`a form was answered ${thanked.status}: ${await thanked.text()}`);
  const visitorScript = await fetch(target.replace("/f/contact", "/leadkeep.js"));
  if (!visitorScript.ok) throw new Error(`leadkeep.js was answered ${visitorScript.status}`);

  for (const { email } of [script, { email: "browser@example.com" }]) {
    await until(
      site,
      () => sandbox.vendors.webhook.received.some((one) => JSON.stringify(one).includes(email)),
      `deliver ${email}`,
    );
  }
}

async function actionOn(site: Running, base: string, page: string): Promise<string> {
  const shown = await until(
    site,
    async () => {
      const response = await fetch(base + page);
      return response.ok && response.text();
    },
    `show ${page}`,
  );
  const action = /<form[^>]*\saction="([^"]+)"/.exec(shown)?.[1];
  if (!action) throw new Error(`${page} shows no form:\n${shown}`);
  return new URL(action, base).href;
}

async function until<T>(site: Running, look: () => Promise<T | false> | T | false, what: string): Promise<T> {
  const end = performance.now() + limitMs;
  while (performance.now() < end && !site.hasEnded()) {
    try {
      const found = await look();
      if (found) return found;
    } catch (error) {
      // It does not listen yet.
      if (!(error instanceof TypeError)) throw error;
    }
    await wait(100);
  }
  throw new Error(`the site did not ${what}; it said:\n${site.said()}`);
}
