import { expect, test } from "vitest";
import { LedgerUnavailable } from "../model/errors.ts";
import type { Happening } from "../model/observer.ts";
import { createMetrics, type Measured } from "./metrics.ts";

/** A gateway with one destination, and nothing in its ledger. */
function measured(overrides: Partial<Measured> = {}): Measured {
  return {
    status: () => [],
    ledger: { counts: async () => [], leadCounts: async () => ({ active: 0, quarantined: 0, erased: 0 }) },
    options: { forms: null, destinations: [{ id: "crm" }] },
    ...overrides,
  };
}

function accepted(form: string, rest: Partial<Extract<Happening, { type: "accepted" }>> = {}): Happening {
  return { type: "accepted", lead: "lead_1", form, state: "active", startedAt: 0, durationMs: 3, ...rest };
}

const linesOf = async (metrics: ReturnType<typeof createMetrics>) => (await metrics.render()).body.split("\n");

test("what has not happened yet is 0, so that its first time shows in a rate", async () => {
  const lines = await linesOf(createMetrics(measured()));
  for (const line of [
    'leadkeep_attempts_total{destination="crm",outcome="blocked"} 0',
    'leadkeep_submissions_refused_total{code="ledger_unavailable"} 0',
    'leadkeep_leases_lost_total{destination="crm"} 0',
    'leadkeep_attempt_duration_seconds_count{destination="crm"} 0',
    'leadkeep_deliveries{destination="crm",state="dead"} 0',
    'leadkeep_oldest_waiting_seconds{destination="crm"} 0',
  ])
    expect(lines).toContain(line);
});

test("forms have series of their own up to 200, the configured ones first, and share one beyond", async () => {
  const forms = new Map([["contact", {}]]);
  const metrics = createMetrics(measured({ options: { forms, destinations: [] } }));
  for (let i = 0; i < 210; i++) metrics.observe(accepted(`form-${i}`));
  metrics.observe(accepted("contact"));
  const lines = await linesOf(metrics);
  const own = lines.filter((line) => line.startsWith("leadkeep_leads_accepted_total{"));
  expect(own).toHaveLength(201);
  expect(own).toContain('leadkeep_leads_accepted_total{form="other"} 11');
  expect(own).toContain('leadkeep_leads_accepted_total{form="contact"} 1');
});

test("a lead that is held back counts as accepted and as quarantined", async () => {
  const metrics = createMetrics(measured());
  metrics.observe(accepted("contact"));
  metrics.observe(accepted("contact", { state: "quarantined" }));
  const lines = await linesOf(metrics);
  expect(lines).toContain('leadkeep_leads_accepted_total{form="contact"} 2');
  expect(lines).toContain('leadkeep_leads_quarantined_total{form="contact"} 1');
});

test("while the ledger cannot be read its figures are absent, and everything else is there", async () => {
  const metrics = createMetrics(
    measured({
      ledger: {
        counts: () => Promise.reject(new LedgerUnavailable("The disk is full.")),
        leadCounts: async () => ({ active: 0, quarantined: 0, erased: 0 }),
      },
    }),
  );
  metrics.observe({ type: "lease_lost", destination: "crm" });
  metrics.observe({ type: "committed", writes: 12 });
  const lines = await linesOf(metrics);
  expect(lines).toContain("leadkeep_ledger_up 0");
  expect(lines).toContain('leadkeep_leases_lost_total{destination="crm"} 1');
  expect(lines).toContain('leadkeep_commit_writes_bucket{le="16"} 1');
  expect(lines.filter((line) => line.startsWith("leadkeep_deliveries{"))).toEqual([]);
});

test("a destination that leads wait for shows it, also when it is not configured any more", async () => {
  const counts = [
    { destination: "old", counts: { pending: 4 }, oldestWaiting: Date.now() - 60_000, lastDeliveredAt: null },
  ];
  const { ledger } = measured();
  const { body } = await createMetrics(measured({ ledger: { ...ledger, counts: async () => counts } })).render();
  expect(body).toContain('leadkeep_deliveries{destination="old",state="pending"} 4');
  expect(Number(/leadkeep_oldest_waiting_seconds\{destination="old"\} (\S+)/.exec(body)?.[1])).toBeGreaterThanOrEqual(
    60,
  );
});
