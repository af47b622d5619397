import type { PlannedRequest } from "../../model/destination.ts";
import type { Lead } from "../../model/lead.ts";
import { headersOf, part, recordsPath } from "./api.ts";
import { formAddress, formBody } from "./form.ts";
import type { Options } from "./options.ts";
import { deal, noteRecord, type OwnRecord, recordBody } from "./own-record.ts";
import { grantsOf } from "./subscribe.ts";
import { subscriptionBody, subscriptionPath } from "./subscriptions.ts";
import { draftOf, note, wanted } from "./work.ts";

/**
 * The requests of a lead delivered on its own, in order. The second one, which creates the contact, is made only when HubSpot
 * has none, the subscriptions only when the person has not got them; `{contact}` and `{deal}` stand for ids that HubSpot has yet to give. Pure.
 */
export function planRequests(lead: Lead, options: Options, now: number): PlannedRequest[] {
  const draft = draftOf(lead, options, { contacts: null, deals: null }, null);
  const { always, ifEmpty, onCreate } = wanted(draft, "contacts");
  const key = lead.email === null ? {} : { email: lead.email };
  const requests: PlannedRequest[] = [];
  if (options.form && lead.email !== null) {
    requests.push(request("POST", formAddress(options, options.form), formBody(lead, always, options, now)));
  }
  if (lead.email !== null) {
    const path = recordsPath("contacts", `/${part(lead.email)}?idProperty=email`);
    requests.push(request("PATCH", options.baseUrl + path, { properties: always }));
  }
  const properties = { ...onCreate, ...ifEmpty, ...always, ...key };
  requests.push(request("POST", options.baseUrl + recordsPath("contacts"), { properties }));
  note(draft, { contact: "{contact}" });
  for (const kind of [deal, noteRecord]) {
    if (!kind.isWanted(draft)) continue;
    requests.push(ownRecord(kind));
    note(draft, { [kind.step]: { id: `{${kind.step}}` } });
  }
  if (lead.email !== null) {
    const url = options.baseUrl + subscriptionPath(lead.email);
    requests.push(...grantsOf(draft).map(({ change }) => request("POST", url, subscriptionBody(change))));
  }
  return requests;

  function ownRecord(kind: OwnRecord): PlannedRequest {
    return request("POST", options.baseUrl + recordsPath(kind.objectType), recordBody(draft, kind));
  }

  function request(method: string, url: string, body: object): PlannedRequest {
    return { method, url, headers: headersOf(options, true), body: JSON.stringify(body) };
  }
}
