import { answer, api } from "./client.ts";

/** Holds a lead back as spam; with `undo`, destinations that have it are told to remove it. */
export function quarantineLead(id: string, undo: boolean) {
  return answer(api.leads[":id"].quarantine.$post({ param: { id }, json: { undo } }));
}
