import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { newLeadId } from "../../src/model/id.ts";
import { type Sandbox, startSandbox } from "../../src/sandbox/index.ts";
import { newSignInLink } from "../../src/server/sign-in/link.ts";
import { aPerson } from "../support/a-gateway.ts";
import { aConsent, aDelivery, aLead } from "../support/a-lead.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

const allWell = "All is well: every lead has arrived, or is on its way.";
const monthMs = 30 * 86_400_000;

/** The one-time link, as `leadkeep start` prints it. */
async function signInByLink({ gateway, openSignedOut }: TestConsole): Promise<Page> {
  const link = await newSignInLink(gateway.gateway.accounts, gateway.url, Date.now());
  const page = await openSignedOut(link.slice(`${gateway.url}/console`.length));
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  return page;
}

/** Leads of a month ago that went to HubSpot at the time. */
async function lastMonth({ gateway: { gateway, delivery } }: TestConsole): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    const at = Date.now() - monthMs + n * 60_000;
    const lead = aLead({ id: newLeadId(at), receivedAt: at, consents: [aConsent({ at })] });
    const deliveries = [aDelivery({ destination: "hubspot", kind: "hubspot" })];
    await gateway.keep({ lead, deliveries, key: null });
    ids.push(lead.id);
  }
  for (const id of ids) await delivery(id, "hubspot", "delivered");
  return ids;
}

function variables({ vendors }: Sandbox): Record<string, string> {
  return { HUBSPOT_ACCESS_TOKEN: "the-token", HUBSPOT_BASE_URL: vendors.hubspot.url };
}

async function start(
  dataFolder: string,
  vendors: Sandbox,
  more: Record<string, string> = {},
): Promise<[TestConsole, Page]> {
  const console = await aConsole({ dataFolder, vendors, variables: { ...variables(vendors), ...more } });
  onTestFinished(() => console.close());
  return [console, await signInByLink(console)];
}

test("an operator's bad day: a token is revoked, mended and what it missed arrives; a destination added later catches up", async () => {
  const dataFolder = mkdtempSync(join(tmpdir(), "leadkeep-journey-"));
  onTestFinished(() => rmSync(dataFolder, { recursive: true, force: true }));
  const sandbox = await startSandbox();
  onTestFinished(() => sandbox.close());
  const { hubspot, make } = sandbox.vendors;
  hubspot.settings.accessToken = "the-token";

  const [console, page] = await start(dataFolder, sandbox);
  const old = await lastMonth(console);
  await page.getByText(allWell).waitFor();

  // HubSpot's token is revoked while leads come in: they are kept, and the overview says why they wait and what to do.
  hubspot.settings.accessToken = "another-token";
  const missed = [await console.gateway.post(aPerson()), await console.gateway.post(aPerson())];
  for (const lead of missed) await console.gateway.delivery(lead, "webhook", "delivered");
  const troubles = page.getByRole("list", { name: "What is wrong" });
  await troubles.getByText(/^HubSpot is paused: .*401/).waitFor();
  await troubles.getByText(/^Its credentials are not accepted\./).waitFor();
  for (const lead of missed)
    expect((await console.gateway.delivery(lead, "hubspot", "pending")).attempts).toBeLessThan(2);

  // Mended and resumed: what it missed arrives, once.
  hubspot.settings.accessToken = "the-token";
  await page.getByRole("button", { name: "Resume HubSpot" }).click();
  for (const lead of missed) await console.gateway.delivery(lead, "hubspot", "delivered");
  await page.getByText(allWell).waitFor();
  await console.close();

  // A destination is added: it gets what came before it was there.
  const [later, latest] = await start(dataFolder, sandbox, { MAKE_WEBHOOK_URL: make.url });
  await latest.getByRole("link", { name: "Make" }).first().click();
  await latest.getByRole("button", { name: "Send what it lacks" }).click();
  const dialog = latest.getByRole("dialog", { name: "Send Make what it lacks" });
  await dialog.getByRole("button", { name: `Send ${old.length + missed.length} leads` }).click();
  await latest.getByRole("region", { name: "Done at Make" }).waitFor();
  for (const lead of [...old, ...missed]) await later.gateway.delivery(lead, "make", "delivered");
  expect(make.records.size).toBe(old.length + missed.length);

  // All is well, in one line; and the record knows who did what.
  await latest.getByRole("link", { name: "Overview" }).click();
  await latest.getByText(allWell).waitFor();
  expect(await latest.getByRole("list", { name: "What is wrong" }).count()).toBe(0);
  await latest.getByRole("link", { name: "Activity" }).click();
  for (const deed of [/Resumed HubSpot/, /Sent Make what it lacked/]) {
    expect(await latest.getByRole("row", { name: deed }).textContent()).toContain("Owner");
  }
  expect([...console.complaints, ...later.complaints]).toEqual([]);
}, 90_000);
