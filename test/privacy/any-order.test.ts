import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { admit } from "../../src/delivery/admission.ts";
import { settle } from "../../src/delivery/settle.ts";
import type { Claim, Ledger } from "../../src/ledger/ledger.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import { configureDestination } from "../../src/model/configured-destination.ts";
import { type ConsentEvent, gate } from "../../src/model/consent.ts";
import { type Destination, type DestinationSettings, defineDestination } from "../../src/model/destination.ts";
import { deliveryIdOf, type LeadId } from "../../src/model/id.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { type ConsentDesk, createConsentDesk } from "../../src/privacy/consent-desk.ts";
import { erasureFollowUps } from "../../src/privacy/erasure.ts";
import { aConsent, aLead, aMoment } from "../support/a-lead.ts";

const able = defineDestination({
  kind: "able",
  label: "Able",
  options: z.object({}),
  deliver: async () => ({ type: "delivered" }) as const,
  grant: async () => ({ type: "delivered" }) as const,
  withdraw: async () => ({ type: "delivered" }) as const,
  erase: async () => ({ type: "delivered" }) as const,
});
const settings: Record<string, DestinationSettings> = {
  crm: {},
  list: { purpose: "marketing" },
  sheet: { withoutConsent: "redact" },
  team: { basis: "answering-the-enquiry" },
  partner: { basis: "legitimate-interest", purpose: "marketing" },
};
const destinations = Object.entries(settings).map(([id, own]): Destination => {
  const { destination } = configureDestination(id, able({ ...own, schedule: [10, 10, 10] }));
  if (!destination) throw new Error(`${id} is not configured`);
  return destination;
});
function destinationOf(id: string): Destination {
  const found = destinations.find((one) => one.id === id);
  if (!found) throw new Error(`no destination ${id}`);
  return found;
}

const purposes = ["enquiry", "marketing"] as const;
const actions = ["granted", "refused", "requested", "nothing"] as const;
const actor = { type: "command", name: "test" } as const;

const purpose = fc.constantFrom(...purposes);
const pick = fc.nat(1_000);
const step = fc.oneof(
  fc.record({
    do: fc.constant("submit" as const),
    enquiry: fc.constantFrom(...actions),
    marketing: fc.constantFrom(...actions),
    person: fc.constantFrom("ada", "grace"),
  }),
  fc.record({ do: fc.constant("grant" as const), pick, purpose }),
  fc.record({ do: fc.constant("withdraw" as const), pick, purpose }),
  fc.record({ do: fc.constant("confirm" as const), pick, purpose }),
  fc.record({ do: fc.constant("erase" as const), pick }),
  fc.record({ do: fc.constant("replay" as const), pick, destination: fc.constantFrom(...Object.keys(settings)) }),
  fc.record({ do: fc.constant("claim" as const), destination: fc.constantFrom(...Object.keys(settings)) }),
  fc.record({
    do: fc.constant("settle" as const),
    pick,
    to: fc.constantFrom("delivered", "retry", "uncertain", "rejected"),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 15, 60) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What people decided, written down beside the ledger, in the plainest way there is. */
type Known = { stands: Record<string, ConsentEvent["action"] | "nothing">; erased: boolean; email: string };
type Run = {
  ledger: Ledger;
  desk: ConsentDesk;
  now: number;
  leads: LeadId[];
  known: Map<LeadId, Known>;
  claims: { claim: Claim; destination: Destination }[];
};

test("for any order of grant, withdraw, confirm, erase, replay and retry, no attempt starts without a valid basis at that moment, and nothing withheld is forgotten when the basis appears", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 60, size: "max" }), async (steps) => {
      const folder = mkdtempSync(join(tmpdir(), "leadkeep-order-"));
      const ledger = openSqliteLedger({ path: join(folder, "ledger.db") });
      const run: Run = { ledger, desk: null as never, now: aMoment, leads: [], known: new Map(), claims: [] };
      run.desk = createConsentDesk({
        ledger,
        destinations,
        personKeys: (contact) => [contact.split("@")[0] ?? ""],
        now: () => run.now,
      });
      try {
        for (const each of steps) await take(each, run);
        await everyoneAgrees(run);
      } finally {
        await ledger.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: Number(process.env.ANY_ORDER_RUNS ?? 40) },
  );
}, 300_000);

async function take(step: Step, run: Run): Promise<void> {
  run.now += 1;
  if (step.do === "wait") {
    run.now += step.ms;
  } else if (step.do === "submit") {
    await submit(step, run);
  } else if (step.do === "claim") {
    await claim(destinationOf(step.destination), run);
  } else if (step.do === "settle") {
    const [taken] = run.claims.splice(step.pick % Math.max(1, run.claims.length), 1);
    if (taken) await finish(taken.claim, taken.destination, step.to, run);
  } else {
    const lead = run.leads[step.pick % Math.max(1, run.leads.length)];
    if (lead) await decide(step, lead, run);
  }
}

async function submit(step: Extract<Step, { do: "submit" }>, run: Run): Promise<void> {
  const stands = { enquiry: step.enquiry, marketing: step.marketing };
  const consents = purposes.flatMap((purpose) => {
    const action = stands[purpose];
    return action === "nothing" ? [] : [aConsent({ purpose, action, at: run.now })];
  });
  const email = `${step.person}@example.com`;
  const lead = aLead({ receivedAt: run.now, consents, email, person: step.person, formData: { email } });
  const deliveries = destinations.map(({ id, kind, need }) => {
    const verdict = gate(need, consents);
    const common = { destination: id, kind, purpose: need.purpose };
    return verdict.type === "open"
      ? ({ ...common, state: "pending", reason: null } as const)
      : ({ ...common, state: "withheld", reason: verdict.reason } as const);
  });
  await run.ledger.accept({ lead, deliveries, key: null });
  run.leads.push(lead.id);
  run.known.set(lead.id, { stands, erased: false, email });
}

type Decision = Extract<Step, { do: "grant" | "withdraw" | "confirm" | "erase" | "replay" }>;

async function decide(step: Decision, lead: LeadId, run: Run): Promise<void> {
  const known = run.known.get(lead);
  if (!known) return;
  if (step.do === "erase") {
    const followUps = (record: Parameters<typeof erasureFollowUps>[0]) => erasureFollowUps(record, destinations);
    await run.ledger.erase([lead], { tombstones: [], now: run.now, actor, followUps });
    known.erased = true;
  } else if (step.do === "replay") {
    const id = deliveryIdOf(lead, step.destination);
    const { replayed } = await run.ledger.replay({ ids: [id] }, { now: run.now, actor });
    if (known.erased) expect(replayed).toEqual([]);
  } else if (known.erased) {
    await expect(run.desk.withdraw(lead, { purpose: step.purpose, source: "link" }, actor)).rejects.toMatchObject({
      code: "erased",
    });
  } else {
    const same = [...run.known].filter(([, one]) => one.email === known.email && !one.erased);
    const { purpose } = step;
    if (step.do === "grant") {
      await run.desk.grant(lead, { purpose, source: "api" }, actor);
      known.stands[purpose] = "granted";
    } else if (step.do === "confirm") {
      await run.desk.confirm(lead, { purpose, at: run.now }, actor);
      if (known.stands[purpose] !== "requested") return;
      for (const [, one] of same) if (one.stands[purpose] === "requested") one.stands[purpose] = "granted";
    } else {
      await run.desk.withdraw(lead, { purpose, source: "link" }, actor);
      // Marketing is also used on another basis here, so a withdrawal is an objection on every lead of the person.
      for (const [id, one] of same) {
        const rests = ["granted", "requested"].includes(one.stands[purpose] ?? "");
        if (id === lead || rests || purpose === "marketing" || purpose === "enquiry") one.stands[purpose] = "withdrawn";
      }
    }
  }
}

async function claim(destination: Destination, run: Run): Promise<Claim[]> {
  const { now } = run;
  const claims = await run.ledger.claim({
    destination: destination.id,
    limit: 10,
    now,
    leaseUntil: now + 1e9,
    worker: "worker",
    gate: (lead, last, delivery) => admit(destination, delivery, lead, last, now),
  });
  for (const one of claims) {
    expectBasis(one, destination, run);
    run.claims.push({ claim: one, destination });
  }
  return claims;
}

/** The heart of it: an attempt has started, so there must be a basis now. */
function expectBasis({ delivery, lead, basis }: Claim, { id, need }: Destination, run: Run): void {
  const known = run.known.get(lead.id);
  expect(known?.erased).toBe(delivery.event === "lead.erased");
  const stands = known?.stands[delivery.purpose];
  if (delivery.event === "consent.withdrawn") expect(stands).not.toBe("granted");
  if (delivery.event === "consent.granted") expect(stands).toBe("granted");
  if (delivery.event !== "lead.created") return;
  if (basis === "nothing-personal") expect(id).toBe("sheet");
  else if (need.basis === "consent") expect(stands).toBe("granted");
  else expect(stands).not.toBe("withdrawn");
}

async function finish(claim: Claim, destination: Destination, to: string, run: Run): Promise<void> {
  const reason = { code: "trouble", message: "trouble" };
  const outcome = (to === "delivered" ? { type: to } : { type: to, reason }) as Outcome;
  const { delivery } = claim;
  const uncertain = to === "uncertain" || delivery.uncertain;
  const next = settle(outcome, { delivery, schedule: destination.schedule, uncertain, now: run.now, random: 0 });
  await run.ledger.settle({ deliveryId: delivery.id, n: delivery.attempts, durationMs: 1, outcome, next });
}

/** At the end everyone consents to everything: whatever was held back for want of it has to go out. */
async function everyoneAgrees(run: Run): Promise<void> {
  for (const { claim: one, destination } of run.claims.splice(0)) await finish(one, destination, "retry", run);
  for (const [lead, known] of run.known) {
    if (known.erased) continue;
    for (const purpose of purposes) {
      await run.desk.grant(lead, { purpose, source: "api" }, actor);
      known.stands[purpose] = "granted";
    }
  }
  for (let idle = 0; idle < destinations.length; ) {
    run.now += 1_000;
    idle = 0;
    for (const destination of destinations) {
      const claims = await claim(destination, run);
      run.claims.length = 0;
      for (const one of claims) await finish(one, destination, "delivered", run);
      if (claims.length === 0) idle += 1;
    }
  }
  for (const lead of run.leads) {
    const record = await run.ledger.findLead(lead);
    const erased = run.known.get(lead)?.erased;
    for (const { event, state, reason } of record?.deliveries ?? []) {
      const why = `${event} ${state} ${reason?.code}`;
      // A rejected one is a dead letter: visible, and a person's to see to.
      const ended = ["delivered", "dead"];
      const isNotice = event === "consent.granted" || event === "consent.withdrawn";
      const over = isNotice || (erased && event === "lead.created");
      expect(over ? [...ended, "cancelled"] : ended, why).toContain(state);
    }
  }
}
