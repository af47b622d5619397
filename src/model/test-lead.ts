import type { Destination } from "./destination.ts";
import { newLeadId } from "./id.ts";
import type { Lead } from "./lead.ts";
import { sampleLead } from "./sample-lead.ts";

/** The form test leads bear the name of. */
export const testForm = "leadkeep-test";

/**
 * A marked, invented lead that shows whether one destination takes leads. `email`: the address it bears; null: one at example.com.
 * The consent it bears is for that destination's purpose, in words that say what it is. `now` in epoch milliseconds.
 */
export function testLead({ need }: Pick<Destination, "need">, email: string | null, now: number): Lead {
  const address = email ?? "leadkeep-test@example.com";
  return {
    ...sampleLead(now),
    id: newLeadId(now),
    form: testForm,
    formName: "Leadkeep test",
    email: address,
    phone: null,
    name: "Leadkeep test",
    firstName: "Leadkeep",
    lastName: "Test",
    company: null,
    message: "This is a test lead from Leadkeep. Nobody wrote it; it may be deleted.",
    formData: { name: "Leadkeep test", email: address, leadkeep_test: true },
    attribution: { url: null, referrer: null, parameters: { utm_source: "leadkeep-test" }, from: "none" },
    consents: [
      {
        purpose: need.purpose,
        action: "granted",
        text: "A test lead: there is no person to ask.",
        version: null,
        at: now,
        source: "console",
        control: null,
        pageUrl: null,
      },
    ],
  };
}
