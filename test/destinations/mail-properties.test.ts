import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type MailFault, startSandbox } from "../../src/sandbox/index.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";

const step = fc.constantFrom("connect", "mail", "rcpt", "data" as const);
const passing: fc.Arbitrary<MailFault | null> = fc.oneof(
  fc.constant(null),
  fc.record({ type: fc.constant("reply" as const), at: step, code: fc.constantFrom(421, 450, 451) }),
  fc.record({ type: fc.constant("drop" as const), at: step, applied: fc.boolean() }),
  fc.record({ type: fc.constant("hang" as const), at: step, applied: fc.boolean() }),
  fc.record({ type: fc.constant("latency" as const), ms: fc.integer({ min: 0, max: 60 }) }),
);

/** Two leads at most: failures of three would open the breaker, which waits for seconds. */
test("whatever a mail server does for a while, each lead ends as one Message-ID, and a copy more only after uncertainty", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(passing, { minLength: 1, maxLength: 2 }), async (faults) => {
      const sandbox = await startSandbox();
      const gateway = await aGateway({
        variables: {
          SMTP_URL: sandbox.mail.url,
          MAIL_FROM: "hello@example.com",
          MAIL_TO: "team@example.com",
          LEADKEEP_TIMEOUT: "400ms",
          LEADKEEP_SCHEDULE: Array(12).fill("10ms").join(","),
        },
      });
      try {
        const leads: string[] = [];
        for (const fault of faults) {
          sandbox.mail.setFault(fault && { ...fault, times: 2 });
          leads.push(await gateway.post(aPerson()));
        }
        for (const lead of leads) {
          for (const id of ["mail-team", "mail-customer"]) {
            const delivery = await gateway.delivery(lead, id, "delivered");
            const copies = sandbox.mail.inbox.filter(({ mail }) => mail.messageId === `<${delivery.id}@example.com>`);
            const uncertain = delivery.history.filter(({ outcome }) => outcome === "uncertain").length;
            expect(copies.length).toBeGreaterThanOrEqual(1);
            expect(copies.length).toBeLessThanOrEqual(1 + uncertain);
          }
        }
        expect(new Set(sandbox.mail.inbox.map(({ mail }) => mail.messageId)).size).toBe(2 * leads.length);
      } finally {
        await gateway.close();
        await sandbox.close();
      }
    }),
    { numRuns: 10, endOnFailure: true },
  );
});
