import * as z from "zod";
import type { CheckResult, ToolContext } from "../../model/destination.ts";
import { type Api, isStop, read } from "./call.ts";
import { type Fields, forgetLists, listed, readFields } from "./fields.ts";
import { hasMarketingStatus } from "./marketing.ts";
import type { Options } from "./options.ts";
import { findField, ownFields, wholeMap } from "./placing.ts";
import { problemOf, toolApi } from "./setup.ts";

const me = z.object({ company_name: z.string().nullish(), company_domain: z.string().nullish() });
const named = z.object({ id: z.union([z.number(), z.string()]), name: z.string() });
const tokenCure = "Copy the token from Settings → Personal preferences → API into PIPEDRIVE_API_TOKEN.";

/** Looks at the token, the company, the day's budget, and every field, pipeline, stage and label that is named. */
export async function check(options: Options, context: ToolContext): Promise<CheckResult[]> {
  const api = toolApi(options, context);
  forgetLists(api);
  const answer = await read(api, "v1/users/me", {}, me);
  if (isStop(answer)) return [problemOf(answer, "API token", tokenCure)];
  const results: CheckResult[] = [
    { what: "API token", result: "ok", detail: `accepted by ${answer.data.company_name ?? "Pipedrive"}` },
    ...domainResult(options, answer.data.company_domain ?? null),
    ...budgetResult(answer.headers),
  ];
  const fields = await readFields(api);
  if (isStop(fields)) return [...results, problemOf(fields, "Fields", "Try again in a moment.")];
  return [
    ...results,
    ...fieldResults(options, fields),
    ...(await namesResults(api, fields)),
    ...marketingResult(options, fields),
  ];
}

function domainResult({ domain }: Options, actual: string | null): CheckResult[] {
  if (domain === undefined || actual === null) return [];
  const what = "Company domain";
  if (domain === actual.toLowerCase()) return [{ what, result: "ok", detail: domain }];
  const detail = `the token belongs to ${actual}, not to ${domain}`;
  return [{ what, result: "problem", detail, cure: `Set PIPEDRIVE_DOMAIN to ${actual}, or use that company's token.` }];
}

/** Undocumented headers that are not always sent. */
function budgetResult(headers: Headers): CheckResult[] {
  const left = headers.get("x-daily-ratelimit-token-remaining");
  const limit = headers.get("x-daily-ratelimit-token-limit");
  if (left === null) return [];
  const what = "Daily API budget";
  const detail = `${left}${limit === null ? "" : ` of ${limit}`} tokens left; a new lead takes about 45`;
  if (Number(left) > 0) return [{ what, result: "ok", detail }];
  return [
    {
      what,
      result: "warning",
      detail,
      cure: "Leads wait until it is reset; Settings → API usage shows who spends it.",
    },
  ];
}

function fieldResults(options: Options, fields: Fields): CheckResult[] {
  const missing = Object.keys(wholeMap(options)).filter((name) => !findField(name, options, fields).field);
  const results = missing.map((name): CheckResult => {
    const what = `Field "${name}"`;
    const isOurs = name in ownFields && !(name in options.map);
    const cure = isOurs
      ? "leadkeep setup pipedrive makes it."
      : "Correct the name in `map`, or let leadkeep setup pipedrive make it.";
    return { what, result: "warning", detail: "is not there; its values go into the note", cure };
  });
  const found = Object.keys(wholeMap(options)).length - missing.length;
  return [{ what: "Fields", result: "ok", detail: `${found} mapped fields are there` }, ...results];
}

async function namesResults(api: Api, fields: Fields): Promise<CheckResult[]> {
  const { options } = api;
  const results: CheckResult[] = [];
  if (options.target === "deal") {
    if (typeof options.pipeline === "string")
      results.push(await nameResult(api, "v2/pipelines", "Pipeline", options.pipeline));
    if (typeof options.stage === "string") results.push(await nameResult(api, "v2/stages", "Stage", options.stage));
    const labels = fields.deal.find(({ code }) => code === "label_ids" || code === "label")?.options ?? [];
    for (const name of options.labels)
      results.push(
        found(
          "Label",
          name,
          labels.map(({ label }) => label),
        ),
      );
  } else {
    for (const name of options.labels) results.push(await nameResult(api, "v1/leadLabels", "Label", name));
  }
  return results;
}

async function nameResult(api: Api, path: string, what: string, name: string): Promise<CheckResult> {
  const list = await listed(api, path, {}, named);
  if (isStop(list)) return problemOf(list, `${what} "${name}"`, "Try again in a moment.");
  return found(
    what,
    name,
    list.map((one) => one.name),
  );
}

function found(what: string, name: string, names: readonly string[]): CheckResult {
  const isThere = names.some((one) => one.trim().toLowerCase() === name.trim().toLowerCase());
  if (isThere) return { what: `${what} "${name}"`, result: "ok", detail: "is there" };
  const cure = `Use one of: ${names.join(", ") || "(there is none)"}.`;
  return { what: `${what} "${name}"`, result: "warning", detail: "is not there", cure };
}

/** As far as the list of fields tells: the status itself is seen only on a person. */
function marketingResult({ marketingPurpose }: Options, fields: Fields): CheckResult[] {
  const what = "Marketing status";
  if (marketingPurpose === null)
    return [{ what, result: "ok", detail: "left alone, as `marketingPurpose: null` says" }];
  const detail = hasMarketingStatus(fields)
    ? `follows consent for "${marketingPurpose}"; Pipedrive lets it change only once`
    : `not in this account (it comes with Campaigns): a withdrawn consent for "${marketingPurpose}" is a person's to pass on`;
  return [{ what, result: "ok", detail }];
}
