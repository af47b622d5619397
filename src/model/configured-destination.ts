import type {
  BatchEntry,
  Configured,
  Destination,
  DestinationDefinition,
  DestinationSettings,
  DestinationSpec,
} from "./destination.ts";
import type { ConfigProblem } from "./errors.ts";
import type { DeliveryId } from "./id.ts";
import type { Outcome } from "./outcome.ts";
import { defaultSchedule, longestWaitMs, parseSchedule, type Schedule } from "./schedule.ts";

/** What a gateway sets for destinations that do not say otherwise. */
export type DestinationDefaults = { schedule: Schedule; timeoutMs?: number };

export const destinationDefaults: DestinationDefaults = { schedule: defaultSchedule };

const defaultTimeoutMs = 10_000;
const defaultConfirmMs = 3_000;

/**
 * Checks a destination as written in a config file. Every problem is listed, by path; values are never quoted.
 * `others`: the ids of the destinations configured beside it.
 */
export function configureDestination(
  id: string,
  { definition, settings, options }: DestinationSpec,
  defaults: DestinationDefaults = destinationDefaults,
  others: readonly string[] = [],
): { destination: Destination; problems: [] } | { destination: null; problems: ConfigProblem[] } {
  const path = `destinations.${id}`;
  const problems: ConfigProblem[] = [];
  const parsed = definition.options.safeParse(options);
  for (const issue of parsed.error?.issues ?? []) {
    const where = [path, ...issue.path.map(String)].join(".");
    problems.push({ path: where, message: `${issue.message}.`, cure: `See the options of "${definition.kind}".` });
  }
  const schedule = scheduleOf(settings, defaults, path, problems);
  for (const key of ["timeoutMs", "concurrency", "confirmMs"] as const) {
    const value = settings[key];
    // Timers take no more than 24 days, and go off at once then.
    const most = key === "concurrency" ? Number.MAX_SAFE_INTEGER : longestWaitMs;
    if (value === undefined || (value >= 1 && value <= most)) continue;
    problems.push({
      path: `${path}.${key}`,
      message:
        key === "concurrency" ? "must be a number from 1." : "must be from 1 to 86 400 000 milliseconds (a day).",
      cure: "Leave it out for the default.",
    });
  }
  if (!parsed.success || problems.length > 0) return { destination: null, problems };
  const destination = build({ id, others }, definition, settings, parsed.data, schedule, defaults);
  return { destination, problems: [] };
}

function build(
  configured: Configured,
  definition: DestinationDefinition,
  settings: DestinationSettings,
  options: unknown,
  schedule: Schedule,
  defaults: DestinationDefaults,
): Destination {
  const { find, check, setup, sync, readBack, preview, sendSample, linkTo, close, wants, withdraw } = definition;
  const grant = definition.canGrant?.(options) === false ? undefined : definition.grant;
  const erase = definition.canErase?.(options) === false ? undefined : definition.erase;
  return {
    id: configured.id,
    kind: definition.kind,
    label: definition.label,
    need: {
      purpose: settings.purpose ?? definition.purpose ?? "enquiry",
      basis: settings.basis ?? definition.basis ?? "consent",
      withoutConsent: settings.withoutConsent ?? "withhold",
      ...(settings.recipient === undefined ? {} : { recipient: settings.recipient }),
    },
    role: settings.role ?? definition.role ?? "processor",
    schedule,
    timeoutMs: settings.timeoutMs ?? defaults.timeoutMs ?? definition.timeoutMs ?? defaultTimeoutMs,
    concurrency: settings.concurrency ?? definition.concurrency ?? 8,
    pace: settings.pace ?? definition.pace ?? null,
    batchSize: definition.deliverBatch ? (definition.batchSize ?? 1) : 1,
    deliver: (batch) => deliverWith(definition, options, configured, batch),
    wants: (lead) => wants?.call(definition, lead, options) ?? true,
    grant: grant ? (notice, context) => grant.call(definition, notice, options, context) : null,
    withdraw: withdraw ? (notice, context) => withdraw.call(definition, notice, options, context) : null,
    erase: erase ? (copy, context) => erase.call(definition, copy, options, context) : null,
    byHand: definition.byHand ?? null,
    find: find ? (lead, context) => find.call(definition, lead, options, context) : null,
    sync: sync ? (records, context) => sync.call(definition, records, options, context, configured) : null,
    syncBatchSize: definition.syncBatchSize ?? 200,
    readBack: readBack
      ? (deliveries, context) => readBack.call(definition, deliveries, options, context, configured)
      : null,
    readBackSize: definition.readBackSize ?? 100,
    readBackById: definition.readBackById ?? false,
    oncePerPersonMs: definition.oncePerPersonMs?.(options) ?? null,
    backup: definition.backup ?? false,
    confirmMs: settings.confirm === "before-reply" ? (settings.confirmMs ?? defaultConfirmMs) : null,
    check: check ? (context) => check.call(definition, options, context, configured) : null,
    setup: setup ? (context) => setup.call(definition, options, context, configured) : null,
    preview: preview ? (lead) => preview.call(definition, lead, options) : null,
    sendSample: sendSample ? (address, context) => sendSample.call(definition, address, options, context) : null,
    linkTo: linkTo ? (ref) => linkTo.call(definition, ref, options) : null,
    close: close ? () => close.call(definition, options) : null,
  };
}

async function deliverWith(
  definition: DestinationDefinition,
  options: unknown,
  configured: Configured,
  batch: readonly BatchEntry[],
): Promise<ReadonlyMap<DeliveryId, Outcome>> {
  if (definition.deliverBatch) return definition.deliverBatch(batch, options, configured);
  const outcomes = new Map<DeliveryId, Outcome>();
  for (const { lead, context } of batch) {
    const outcome = await definition.deliver?.(lead, options, context);
    if (outcome) outcomes.set(context.deliveryId, outcome);
  }
  return outcomes;
}

function scheduleOf(
  { schedule }: DestinationSettings,
  defaults: DestinationDefaults,
  path: string,
  problems: ConfigProblem[],
): Schedule {
  if (schedule === undefined) return defaults.schedule;
  if (typeof schedule !== "string") return schedule;
  try {
    return parseSchedule(schedule);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    problems.push({ path: `${path}.schedule`, message, cure: 'Write waits such as "5s,30s,2m".' });
    return defaults.schedule;
  }
}
