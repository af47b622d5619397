import type * as z from "zod";
import { type Fault, reachesVendor, strike, type Wire, wireOf } from "./fault.ts";
import type { Received, StartedVendor, Vendor, VendorDefinition, VendorRequest } from "./vendor.ts";

/** A vendor with the doors only the sandbox uses. */
export type OpenVendor = Vendor & {
  readonly mount: string;
  /** Records a request and says what goes over the wire. */
  receive(request: VendorRequest): Wire;
  /** Changes some switches. Null when done, else the first thing wrong. */
  configure(changes: Record<string, unknown>): string | null;
  /** Forgets what it received and holds, its fault and its switches. */
  reset(): void;
};

/** Starts one vendor, empty and without a fault. */
export function openVendor(
  definition: VendorDefinition,
  { origin, random, now }: { origin: string; random(): number; now(): number },
): OpenVendor {
  const received: Received[] = [];
  const records = new Map<string, Received[]>();
  const settings = definition.settings.parse({});
  const start = (): Partial<StartedVendor<unknown>> & Pick<StartedVendor<unknown>, "answer"> => {
    const started = definition.start({ settings, received, records, now });
    return typeof started === "function" ? { answer: started } : started;
  };
  let started = start();
  let fault: Fault | null = null;

  return {
    name: definition.name,
    label: definition.label,
    url: origin + definition.path,
    mount: definition.mount,
    received,
    records,
    settings,
    get fault() {
      return fault;
    },
    get own() {
      return started.own;
    },
    tables: () => started.tables?.() ?? [],
    setFault(next) {
      fault = next;
    },
    receive(request) {
      const { hit, remaining } = strike(fault, random);
      fault = remaining;
      const own = reachesVendor(hit) ? started.answer(request) : null;
      const wire = wireOf(hit, own);
      const { method, path, headers, body, json } = request;
      const applied = own?.applied ?? false;
      const processed = own?.processed ?? applied;
      const entry = { at: now(), method, path, headers, body, json, applied, processed, answered: answeredOf(wire) };
      received.push(entry);
      if (applied)
        for (const id of own?.recordIds ?? [recordIdOf(request) ?? `request-${received.length}`]) hold(id, entry);
      return wire;
    },
    configure(changes) {
      const checked = definition.settings.strict().safeParse({ ...settings, ...changes });
      if (checked.success) Object.assign(settings, checked.data);
      return checked.success ? null : problemOf(checked.error);
    },
    reset() {
      received.length = 0;
      records.clear();
      fault = null;
      Object.assign(settings, definition.settings.parse({}));
      started = start();
    },
  };

  function hold(id: string, entry: Received): void {
    const held = records.get(id);
    if (held) held.push(entry);
    else records.set(id, [entry]);
  }
}

/** The first thing wrong, with where it is. */
export function problemOf({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue ? `${issue.path.join(".") || "body"}: ${issue.message}` : "not valid";
}

/** The event a JSON value is about; null when it does not say. */
export function eventIdIn(json: unknown): string | null {
  const id = typeof json === "object" && json !== null && "event_id" in json ? json.event_id : null;
  return typeof id === "string" && id !== "" ? id : null;
}

function recordIdOf({ json, query, headers }: VendorRequest): string | null {
  return eventIdIn(json) ?? (query.get("event_id") || headers["webhook-id"] || null);
}

function answeredOf(wire: Wire): Received["answered"] {
  switch (wire.type) {
    case "answer":
      return wire.answer.status;
    case "hang":
      return "hung";
    case "reset":
      return "reset";
    case "drip":
      return "dripping";
    case "endless":
      return 200;
  }
}
