import type { VendorRequest } from "../vendor.ts";
import type { Crm, CrmRecord } from "./pipedrive-crm.ts";
import type { PipedriveSettings } from "./pipedrive-settings.ts";

type Deps = { crm: Crm; settings: PipedriveSettings; now(): number };
/** A request with all there is to answer it by. `id`: what the path names. */
export type Call = VendorRequest & Deps & { id: string; body2: Record<string, unknown> };
export type Reply = { status: number; body: object; applied?: boolean; recordIds?: readonly string[] };
/** `cost`: in tokens of the daily budget. */
export type Route = { method: string; path: RegExp; cost: number; answer(call: Call): Reply };

/** Something new is there. */
export function created(what: string, record: CrmRecord, status: number): Reply {
  return { status, body: { success: true, data: record }, applied: true, recordIds: [`${what} ${record.id}`] };
}

/** Everything went well. */
export function success(data: unknown): Reply {
  return { status: 200, body: { success: true, data } };
}

/** It did not. */
export function failure(status: number, error: string, more: object = {}): Reply {
  return { status, body: { success: false, error, error_info: "", data: null, additional_data: null, ...more } };
}

/** A custom field's value does not fit. */
export function invalid(field_code: string): Reply {
  return failure(400, "Validation failed: custom field value is not valid", {
    code: "ERR_SCHEMA_VALIDATION",
    field_code,
  });
}
