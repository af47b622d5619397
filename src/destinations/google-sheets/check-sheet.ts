import type { CheckResult } from "../../model/destination.ts";
import { missingHeaders, readLayout } from "./layout.ts";
import { replaceMarked } from "./marks.ts";
import { listTabs, type Sheet, update } from "./sheet.ts";
import type { Trouble } from "./trouble.ts";

/** Looks at key, spreadsheet, rights and columns. To see whether it may write, it replaces a text that is nowhere. */
export async function checkSheet(sheet: Sheet): Promise<CheckResult[]> {
  const tabs = await listTabs(sheet);
  if (!tabs.ok) return [problem("spreadsheet", tabs.trouble)];
  const results: CheckResult[] = [{ what: "spreadsheet", result: "ok", detail: "is there, and the key opens it" }];
  const written = await update(sheet, [replaceMarked("nothing at all", "", { allSheets: true })]);
  results.push(
    written.ok
      ? { what: "right to write", result: "ok", detail: "is given" }
      : problem("right to write", written.trouble),
  );
  const { tab } = sheet.options;
  const what = `tab "${tab}"`;
  if (!tabs.value.some(({ title }) => title === tab)) {
    return [...results, { what, result: "warning", detail: "is not there yet; it is made with the first lead" }];
  }
  const layout = await readLayout(sheet, tab);
  if (!layout.ok) return [...results, problem(what, layout.trouble)];
  const missing = layout.value === null ? null : missingHeaders(sheet, layout.value);
  if (missing?.length === 0) return [...results, { what, result: "ok", detail: "has every column" }];
  const detail = missing ? `lacks the columns ${missing.join(", ")}` : "has no header yet";
  return [...results, { what, result: "warning", detail: `${detail}; added at the right end with the first lead` }];
}

function problem(what: string, { reason }: Trouble): CheckResult {
  const [detail = reason.message, cure] = reason.message.split("; ");
  return { what, result: "problem", detail, ...(cure ? { cure } : {}) };
}
