import * as z from "zod";
import type { CheckResult, ToolContext } from "../../model/destination.ts";
import { type Answer, type Api, apiVersion, createApi, part, recordsPath } from "./api.ts";
import { verdict } from "./errors.ts";
import { contactNames, dealMap, type Options } from "./options.ts";
import { phoneKey } from "./own-properties.ts";
import { readProperties } from "./properties.ts";
import { subscriptionScope, subscriptionTypes } from "./subscriptions.ts";

const account = z.object({ portalId: z.number(), timeZone: z.string() });
const tokenInfo = z.object({ scopes: z.array(z.string()) });

/** Looks, without changing anything, at token, scopes, limits, and every property that is written. */
export async function checkHubSpot(options: Options, context: ToolContext): Promise<CheckResult[]> {
  const api = createApi(options, context);
  const first = await api.look("GET", recordsPath("contacts", "?limit=1&properties=email"));
  if (!first.ok) return [tokenProblem(first, context)];
  return [
    await accountResult(api),
    limitsResult(first),
    await scopesResult(api, options),
    ...(await propertyResults(api, "contacts", contactNames(options), context)),
    ...(options.deal ? await dealResults(api, options.deal, context) : []),
    ...(options.form ? [await formResult(api, options.form)] : []),
    ...(usesSubscriptions(options) ? [await subscriptionsResult(api, options, context)] : []),
  ];
}

function tokenProblem(answer: Answer, { now }: ToolContext): CheckResult {
  const outcome = verdict(answer, now());
  const detail = "reason" in outcome ? outcome.reason.message : `answered ${answer.status}`;
  const cure =
    answer.status === 401
      ? "Set HUBSPOT_ACCESS_TOKEN to a service key that has not expired or been rotated."
      : "See docs/hubspot.md for the scopes the key needs.";
  return { what: "access token", result: "problem", detail, cure };
}

/** Per https://developers.hubspot.com/docs/api-reference/latest/account/account-information/get-account-details (read 2026-11). */
async function accountResult(api: Api): Promise<CheckResult> {
  const answer = await api.look("GET", `/account-info/${apiVersion}/details`);
  const read = account.safeParse(answer.body).data;
  const detail = read ? `account ${read.portalId}, time zone ${read.timeZone}` : "works";
  return { what: "access token", result: "ok", detail };
}

function limitsResult({ response: { headers } }: Answer): CheckResult {
  const [left, most] = ["x-hubspot-ratelimit-remaining", "x-hubspot-ratelimit-max"].map((name) => headers.get(name));
  const [leftToday, mostToday] = ["x-hubspot-ratelimit-daily-remaining", "x-hubspot-ratelimit-daily"].map((name) =>
    headers.get(name),
  );
  if (!left && !leftToday) return { what: "limits", result: "ok", detail: "HubSpot did not say" };
  const detail = `${left ?? "?"} of ${most ?? "?"} calls left in ten seconds, ${leftToday ?? "?"} of ${mostToday ?? "?"} today`;
  const isLow = Number(leftToday ?? 1) < Number(mostToday ?? 0) / 10;
  const cure = "Leads wait when the day's calls are used up, and go on at midnight of the account's time zone.";
  return { what: "limits", result: isLow ? "warning" : "ok", detail, cure };
}

/** The scopes of a private app's token, per https://developers.hubspot.com/docs/apps/legacy-apps/private-apps/overview (read 2026-11). */
async function scopesResult(api: Api, options: Options): Promise<CheckResult> {
  const needed = neededScopes(options);
  const answer = await api.look("POST", "/oauth/v2/private-apps/get/access-token-info", {
    tokenKey: options.accessToken,
  });
  const granted = answer.ok ? tokenInfo.safeParse(answer.body).data?.scopes : undefined;
  if (!granted) {
    const cure = "Compare the list with the key's page in HubSpot.";
    return { what: "scopes", result: "ok", detail: `HubSpot did not list them; needed: ${needed.join(", ")}`, cure };
  }
  const missing = needed.filter((scope) => !isGranted(scope, granted));
  if (missing.length === 0) return { what: "scopes", result: "ok", detail: needed.join(", ") };
  const cure = "Add them to the key in HubSpot: Development → Keys → Service keys.";
  return { what: "scopes", result: "problem", detail: `missing: ${missing.join(", ")}`, cure };
}

/** Reading and changing subscriptions can be granted together or one by one. */
function isGranted(scope: string, granted: readonly string[]): boolean {
  const parts =
    scope === subscriptionScope ? ["communication_preferences.read", "communication_preferences.write"] : [];
  return granted.includes(scope) || (parts.length > 0 && parts.every((part) => granted.includes(part)));
}

function usesSubscriptions({ subscriptions }: Options): boolean {
  return Object.keys(subscriptions).length > 0;
}

function neededScopes(options: Options): string[] {
  const { deal, form } = options;
  return [
    "crm.objects.contacts.read",
    "crm.objects.contacts.write",
    "crm.schemas.contacts.read",
    ...(deal ? ["crm.objects.deals.read", "crm.objects.deals.write", "crm.schemas.deals.read"] : []),
    ...(form ? ["forms"] : []),
    ...(usesSubscriptions(options) ? [subscriptionScope] : []),
  ];
}

async function propertyResults(
  api: Api,
  type: string,
  names: readonly string[],
  { now }: ToolContext,
): Promise<CheckResult[]> {
  const what = `${type === "contacts" ? "contact" : "deal"} properties`;
  const found = await readProperties(api, type, names, now);
  if (!(found instanceof Map)) {
    const detail = found && "reason" in found ? found.reason.message : "this token may not read them";
    return [{ what, result: "warning", detail, cure: `Give the key the scope crm.schemas.${type}.read.` }];
  }
  const results: CheckResult[] = [];
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > 0) {
    const detail = `missing: ${missing.join(", ")}; their values go to a note on the contact`;
    results.push({ what, result: "warning", detail, cure: "Make ours with: leadkeep setup hubspot --yes" });
  }
  const readOnly = [...found.values()].filter((property) => property.readOnly).map(({ name }) => name);
  if (readOnly.length > 0) {
    const detail = `cannot be written: ${readOnly.join(", ")}`;
    results.push({ what, result: "warning", detail, cure: "Map these values to properties of your own." });
  }
  if (found.get(phoneKey)?.unique === false) {
    const detail = `${phoneKey} does not require unique values: contacts without an e-mail are searched for instead`;
    results.push({
      what,
      result: "warning",
      detail,
      cure: `Delete it in HubSpot and run: leadkeep setup hubspot --yes`,
    });
  }
  if (results.length === 0) results.push({ what, result: "ok", detail: `all ${names.length} are there` });
  return results;
}

/** Per https://developers.hubspot.com/docs/api-reference/latest/crm/pipelines/guide (read 2026-11). */
async function dealResults(api: Api, deal: NonNullable<Options["deal"]>, context: ToolContext): Promise<CheckResult[]> {
  const { pipeline, stage } = deal;
  const answer = await api.look("GET", `/crm/pipelines/${apiVersion}/deals/${part(pipeline)}/stages/${part(stage)}`);
  const detail = answer.ok
    ? `stage ${stage} of pipeline ${pipeline} is there`
    : `stage ${stage} of pipeline ${pipeline}: answered ${answer.status}`;
  const cure = "The ids stand in HubSpot under Settings → Objects → Deals → Pipelines, behind </>.";
  const result = answer.ok ? "ok" : answer.status === 404 ? "problem" : "warning";
  const place: CheckResult = { what: "deal stage", result, detail, cure };
  return [place, ...(await propertyResults(api, "deals", Object.keys(dealMap(deal)), context))];
}

/** Per https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v3/guide (read 2026-11). */
async function formResult(api: Api, { formId }: NonNullable<Options["form"]>): Promise<CheckResult> {
  const { ok, status } = await api.look("GET", `/marketing/v3/forms/${part(formId)}`);
  const detail = ok ? `form ${formId} is there` : `form ${formId}: answered ${status}`;
  const cure = "The form's id stands in its address in HubSpot: …/forms/<portalId>/<formId>/edit.";
  return { what: "form", result: ok ? "ok" : status === 404 ? "problem" : "warning", detail, cure };
}

async function subscriptionsResult(api: Api, options: Options, { now }: ToolContext): Promise<CheckResult> {
  const what = "subscription types";
  const types = await subscriptionTypes(api, now());
  if (!(types instanceof Map)) {
    const detail = "reason" in types ? types.reason.message : "they cannot be read";
    return { what, result: "problem", detail, cure: `Give the key the scope ${subscriptionScope}.` };
  }
  const wanted = Object.entries(options.subscriptions);
  const named = (state: string, all: [string, number][]) =>
    all.length === 0 ? [] : [`${state}: ${all.map(([purpose, id]) => `${id} (${purpose})`).join(", ")}`];
  const trouble = [
    ...named(
      "missing",
      wanted.filter(([, id]) => !types.has(id)),
    ),
    ...named(
      "not in use any more",
      wanted.filter(([, id]) => types.get(id) === false),
    ),
  ];
  if (trouble.length === 0) return { what, result: "ok", detail: `all ${wanted.length} are there` };
  const cure = "Their ids stand in HubSpot under Settings → Marketing → Email → Subscription types.";
  return { what, result: "problem", detail: trouble.join("; "), cure };
}
