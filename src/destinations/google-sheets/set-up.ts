import type { CheckResult, SetupStep } from "../../model/destination.ts";
import { failedHeaders } from "./failed-integrations.ts";
import { missingHeaders, openLayout, readLayout } from "./layout.ts";
import { listTabs, newTab, type Sheet, update } from "./sheet.ts";
import type { Trouble } from "./trouble.ts";

/** The tab for leads with its columns, and the one for dead letters. Both are made by themselves too, when first needed. */
export async function setUpSteps(sheet: Sheet): Promise<SetupStep[]> {
  const tabs = await listTabs(sheet);
  if (!tabs.ok) return [{ what: "the spreadsheet", apply: async () => failed("the spreadsheet", tabs.trouble) }];
  const { tab, failedTab } = sheet.options;
  const has = (title: string): boolean => tabs.value.some((one) => one.title === title);
  const what = `the tab "${tab}" with its columns`;
  const ready = has(tab) && (await isComplete(sheet));
  const failedWhat = `the tab "${failedTab}"`;
  return [
    { what, apply: ready ? null : async () => made(what, await openLayout(sheet)) },
    { what: failedWhat, apply: has(failedTab) ? null : async () => made(failedWhat, await makeFailedTab(sheet)) },
  ];
}

async function isComplete(sheet: Sheet): Promise<boolean> {
  const layout = await readLayout(sheet, sheet.options.tab);
  return layout.ok && layout.value !== null && missingHeaders(sheet, layout.value).length === 0;
}

async function makeFailedTab(sheet: Sheet) {
  const tabs = await listTabs(sheet);
  if (!tabs.ok) return tabs;
  return update(sheet, newTab(sheet.options.failedTab, failedHeaders, tabs.value).requests);
}

function made(what: string, answer: { ok: true } | { ok: false; trouble: Trouble }): CheckResult {
  return answer.ok ? { what, result: "ok", detail: "made" } : failed(what, answer.trouble);
}

function failed(what: string, { reason }: Trouble): CheckResult {
  return { what, result: "problem", detail: reason.message };
}
