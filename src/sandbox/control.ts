import * as z from "zod";
import { fault, type HttpAnswer } from "./fault.ts";
import { json } from "./json-answer.ts";
import { mailControl } from "./mail/mail-control.ts";
import type { OpenMailbox } from "./mail/mailbox.ts";
import { type OpenVendor, problemOf } from "./open-vendor.ts";
import type { Received, Vendor, VendorRequest } from "./vendor.ts";

const newestShown = 50;

const faultRequest = z.strictObject({ vendor: z.string(), fault: fault.nullable() });
const settingsRequest = z.strictObject({ vendor: z.string(), settings: z.record(z.string(), z.unknown()) });

/** What the control API works on. */
export type Controlled = { vendors: ReadonlyMap<string, OpenVendor>; mail: OpenMailbox; reset(): void };

/** Answers `/_sandbox/*`: the sandbox's own API, for its page and for tests in other processes. */
export function control(request: VendorRequest, sandbox: Controlled): HttpAnswer {
  const [path = ""] = request.path.split("?");
  if (path.startsWith("/_sandbox/mail/")) return mailControl(request, sandbox.mail);
  switch (`${request.method} ${path}`) {
    case "GET /_sandbox/state":
      return json(200, {
        vendors: Object.fromEntries([...sandbox.vendors].map(([name, vendor]) => [name, stateOf(vendor)])),
      });
    case "POST /_sandbox/fault":
      return change(request, faultRequest, sandbox, (vendor, body) => {
        vendor.setFault(body.fault);
        return null;
      });
    case "POST /_sandbox/settings":
      return change(request, settingsRequest, sandbox, (vendor, body) => vendor.configure(body.settings));
    case "POST /_sandbox/reset":
      sandbox.reset();
      return json(200, { ok: true });
    default:
      return json(404, { error: "no such control" });
  }
}

function change<Body extends { vendor: string }>(
  request: VendorRequest,
  schema: z.ZodType<Body>,
  { vendors }: Controlled,
  act: (vendor: OpenVendor, body: Body) => string | null,
): HttpAnswer {
  const checked = schema.safeParse(request.json);
  if (!checked.success) return json(400, { error: problemOf(checked.error) });
  const vendor = vendors.get(checked.data.vendor);
  if (!vendor) return json(400, { error: `vendor: must be one of ${[...vendors.keys()].join(", ")}` });
  const problem = act(vendor, checked.data);
  return problem === null ? json(200, stateOf(vendor)) : json(400, { error: `settings: ${problem}` });
}

function stateOf(vendor: Vendor): object {
  const { name, label, url, fault, settings, received, records } = vendor;
  const duplicates = new Set<Received>();
  for (const held of records.values()) for (const repeat of held.slice(1)) duplicates.add(repeat);
  const applied = received.reduce((sum, entry) => sum + Number(entry.applied), 0);
  return {
    name,
    label,
    url,
    fault,
    settings,
    tables: vendor.tables().map(({ title, rows }) => ({
      title,
      count: Math.max(0, rows.length - 1),
      rows: [...rows.slice(0, 1), ...rows.slice(1).slice(-newestShown)],
    })),
    counts: { received: received.length, applied, records: records.size, duplicates: duplicates.size },
    received: received
      .slice(-newestShown)
      .reverse()
      .map((entry, index) => ({ n: received.length - index, ...entry, duplicate: duplicates.has(entry) })),
  };
}
