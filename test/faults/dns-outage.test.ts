import dns from "node:dns";
import { afterEach, expect, test } from "vitest";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { until } from "../support/until.ts";
import { aReceiver } from "./a-receiver.ts";

const lookup = dns.lookup;

afterEach(() => {
  dns.lookup = lookup;
});

/** Names of this test lead to this machine, or nowhere. */
function answerNames(answer: "address" | "EAI_AGAIN" | "ENOTFOUND"): void {
  dns.lookup = ((name: string, options: dns.LookupOptions, done: (...told: unknown[]) => void) => {
    if (!name.endsWith(".test")) return lookup(name, options, done as never);
    if (answer !== "address") return done(Object.assign(new Error(`getaddrinfo ${answer} ${name}`), { code: answer }));
    return options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
  }) as typeof dns.lookup;
}

test.each(["EAI_AGAIN", "ENOTFOUND"] as const)(
  "no name can be looked up (%s): leads are kept and wait, and go out once names are answered again",
  async (answer) => {
    const { port, got } = await aReceiver();
    answerNames(answer);
    const schedule = Array(60).fill("50ms").join(",");
    const variables = { CRM_WEBHOOK_URL: `http://crm.test:${port}/`, LEADKEEP_SCHEDULE: schedule };
    const gateway = await aGateway({ variables });
    try {
      const leads = [await gateway.post(aPerson()), await gateway.post(aPerson())];
      for (const lead of leads) {
        const tried = await until(async () => {
          const [delivery] = (await gateway.record(lead)).deliveries;
          return delivery && delivery.history.length > 0 && delivery.reason && delivery;
        });
        expect([tried.state, tried.reason?.code, tried.uncertain]).toEqual(["pending", answer.toLowerCase(), false]);
      }
      expect(got.size).toBe(0);
      answerNames("address");
      for (const lead of leads) await gateway.delivery(lead, "webhook", "delivered");
      expect([...got.values()]).toEqual([1, 1]);
    } finally {
      await gateway.close();
    }
  },
);
