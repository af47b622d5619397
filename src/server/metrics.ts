import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Gateway } from "../gateway.ts";
import { refusals } from "../intake/refusal.ts";
import { type Ledger, waitBounds } from "../ledger/ledger.ts";
import { deliveryStates } from "../model/delivery.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import type { Happening } from "../model/observer.ts";
import { version } from "./version.ts";

export type Metrics = {
  /** Counts what happened. */
  observe(happening: Happening): void;
  /** Everything, in Prometheus' text format. */
  render(): Promise<{ contentType: string; body: string }>;
};

/** What metrics are made from. */
export type Measured = Pick<Gateway, "status"> & {
  ledger: Pick<Ledger, "counts" | "leadCounts">;
  options: { forms: ReadonlyMap<string, unknown> | null; destinations: readonly { id: string }[] };
};

const outcomes = ["delivered", "retry", "uncertain", "rejected", "blocked"] as const;
/** Forms with a series of their own: without a config anybody can make up forms, and each would stay for ever. */
const ownForms = 200;

/**
 * The metrics of one gateway, in a registry of their own. Counters and histograms are of this process since it began to count, gauges of
 * the ledger, which machines may share. Labels are ids from the configuration, states and codes; never anything of a person.
 */
export function createMetrics({ status, ledger, options }: Measured): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const destinationIds = options.destinations.map(({ id }) => id);
  const formLabel = bounded([...(options.forms?.keys() ?? [])]);

  const accepted = new Counter({
    name: "leadkeep_leads_accepted_total",
    help: "Leads kept by this process, those held back as suspected spam included",
    labelNames: ["form"],
    registers,
  });
  const quarantined = new Counter({
    name: "leadkeep_leads_quarantined_total",
    help: "Of those, leads held back as suspected spam",
    labelNames: ["form"],
    registers,
  });
  const refused = new Counter({
    name: "leadkeep_submissions_refused_total",
    help: "Submissions that were answered with a refusal, and not kept",
    labelNames: ["code"],
    registers,
  });
  const attempts = new Counter({
    name: "leadkeep_attempts_total",
    help: "Attempts at deliveries, by what they came to",
    labelNames: ["destination", "outcome"],
    registers,
  });
  const leasesLost = new Counter({
    name: "leadkeep_leases_lost_total",
    help: "Attempts that were over only after another worker had been given the delivery",
    labelNames: ["destination"],
    registers,
  });
  const durations = new Histogram({
    name: "leadkeep_attempt_duration_seconds",
    help: "How long attempts took",
    labelNames: ["destination"],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const waits = new Histogram({
    name: "leadkeep_delivery_wait_seconds",
    help: "From when a lead was kept until it had arrived",
    labelNames: ["destination"],
    buckets: waitBounds.map(seconds),
    registers,
  });
  const commits = new Histogram({
    name: "leadkeep_commit_writes",
    help: "How many writes shared one commit of the ledger",
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
    registers,
  });
  const acceptDurations = new Histogram({
    name: "leadkeep_accept_duration_seconds",
    help: "From a submission that was read to its lead on disk",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });

  const gauge = (name: string, help: string, ...labelNames: string[]) =>
    new Gauge({ name, help, labelNames, registers });
  const up = gauge("leadkeep_ledger_up", "1 while the ledger can be read");
  const leads = gauge("leadkeep_leads", "Leads on record", "state");
  const deliveries = gauge("leadkeep_deliveries", "Deliveries of leads on record", "destination", "state");
  const oldest = gauge(
    "leadkeep_oldest_waiting_seconds",
    "How long the lead that waits longest has waited; 0 when none does",
    "destination",
  );
  const paused = gauge("leadkeep_destination_paused", "1 while it takes no leads until someone acts", "destination");
  const down = gauge("leadkeep_destination_down", "1 while it fails, and is only probed", "destination");
  const underWay = gauge("leadkeep_attempts_under_way", "Attempts under way in this process", "destination");
  const paceLeft = gauge("leadkeep_pace_left", "Requests it takes before its limit, where it has one", "destination");
  gauge("leadkeep_build_info", "1, labelled with the version", "version").set({ version: version() }, 1);

  // A rate or an increase needs a beginning: what has not happened yet is 0, not absent.
  for (const form of options.forms?.keys() ?? []) {
    accepted.inc({ form: formLabel(form) }, 0);
    quarantined.inc({ form: formLabel(form) }, 0);
  }
  for (const code of Object.keys(refusals)) refused.inc({ code }, 0);
  for (const destination of destinationIds) {
    for (const outcome of outcomes) attempts.inc({ destination, outcome }, 0);
    leasesLost.inc({ destination }, 0);
    durations.zero({ destination });
    waits.zero({ destination });
  }

  function observe(happening: Happening): void {
    switch (happening.type) {
      case "accepted": {
        const form = formLabel(happening.form);
        accepted.inc({ form });
        quarantined.inc({ form }, happening.state === "quarantined" ? 1 : 0);
        acceptDurations.observe(seconds(happening.durationMs));
        return;
      }
      case "refused":
        refused.inc({ code: happening.code });
        return;
      case "attempted": {
        const { destination, outcome, durationMs, waitMs } = happening;
        attempts.inc({ destination, outcome });
        durations.observe({ destination }, seconds(durationMs));
        if (waitMs !== null) waits.observe({ destination }, seconds(waitMs));
        return;
      }
      case "lease_lost":
        leasesLost.inc({ destination: happening.destination });
        return;
      case "committed":
        commits.observe(happening.writes);
    }
  }

  function lookAtLanes(): void {
    for (const { id: destination, pause, open, underWay: attempts, pace } of status()) {
      paused.set({ destination }, pause ? 1 : 0);
      down.set({ destination }, open ? 1 : 0);
      underWay.set({ destination }, attempts);
      if (pace) paceLeft.set({ destination }, pace.left);
    }
  }

  /** While the ledger cannot be read its gauges are absent rather than old. */
  async function lookAtLedger(): Promise<void> {
    try {
      const [counts, states] = await Promise.all([ledger.counts(), ledger.leadCounts()]);
      const now = Date.now();
      for (const one of [leads, deliveries, oldest]) one.reset();
      for (const [state, count] of Object.entries(states)) leads.set({ state }, count);
      for (const destination of new Set([...destinationIds, ...counts.map((one) => one.destination)])) {
        const counted = counts.find((one) => one.destination === destination);
        for (const state of deliveryStates) deliveries.set({ destination, state }, counted?.counts[state] ?? 0);
        const since = counted?.oldestWaiting ?? null;
        oldest.set({ destination }, since === null ? 0 : Math.max(0, seconds(now - since)));
      }
      up.set(1);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      for (const one of [leads, deliveries, oldest]) one.reset();
      up.set(0);
    }
  }

  /** Scrapes that come together share one look at the ledger. */
  let looking: Promise<void> | null = null;

  return {
    observe,
    async render() {
      looking ??= lookAtLedger().finally(() => {
        looking = null;
      });
      await looking;
      lookAtLanes();
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
  };
}

/** Labels for the first so many names; all further ones share `other`. */
function bounded(first: readonly string[]): (name: string) => string {
  const own = new Set(first.slice(0, ownForms));
  return (name) => {
    if (own.size < ownForms) own.add(name);
    return own.has(name) ? name : "other";
  };
}

function seconds(ms: number): number {
  return ms / 1_000;
}
