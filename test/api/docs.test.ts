import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { aLead, anEntry, aWithheldDelivery } from "../support/a-lead.ts";
import { anApi, apiToken, type TestApi } from "../support/an-api.ts";
import { curl } from "../support/curl.ts";

const text = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");

/** The commands of the page, in order, each on one line. */
const commands = [...text.matchAll(/^```sh\n(.*?)^```/gms)]
  .flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"))
  .filter((line) => line.startsWith("curl "));

/** What the page's variables stand for: leads of the kinds it speaks of. */
async function variables(api: TestApi): Promise<Record<string, string>> {
  const lead = await api.post(aPerson({ email: "ada@example.com" }));
  const { id: delivery } = await api.delivery(lead, "webhook", "dead");
  const reason = { code: "quarantined", message: "suspected spam" };
  const held = aLead({ state: "quarantined" });
  const deliveries = [aWithheldDelivery({ destination: "webhook", reason })];
  await api.gateway.ledger.accept(anEntry({ lead: held, deliveries }));
  return { TOKEN: apiToken, LEAD: lead, DELIVERY: delivery, QUARANTINED: held.id };
}

test("every example of docs/api.md works, one after the other", async () => {
  const api = await anApi({ variables: { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook", LEADKEEP_SCHEDULE: "1ms" } });
  const values = await variables(api);
  expect(commands.length).toBeGreaterThan(25);
  for (const command of commands) {
    const response = await curl(command.replaceAll("https://leads.example.com", api.url), values);
    expect([command, response.status]).toEqual([command, 200]);
  }
});
