import { openRetention } from "../gateway.ts";
import type { PlannedRetention, RetentionRow } from "../privacy/retention.ts";
import { jsonText, localTime, nothingChanged, print, table } from "./output.ts";
import { commandActor, withLedger } from "./with-ledger.ts";

/** `leadkeep retention`: ends what has been kept long enough, or with `dryRun` only tells what that would be. */
export function retention(dryRun: boolean, json: boolean): Promise<number> {
  return withLedger(async (ledger, options) => {
    const duty = openRetention(options, ledger);
    const rows = dryRun ? await duty.plan() : await duty.run({ actor: commandActor });
    if (json) print(jsonText(rows.map(rowJson), 2));
    else printRows(rows, dryRun);
    return 0;
  });
}

function printRows(rows: readonly (RetentionRow | PlannedRetention)[], dryRun: boolean): void {
  if (rows.length === 0) {
    print("Nothing is kept for a limited time, or there are no leads yet.");
    return;
  }
  const cells = rows.map((row) => [row.form, names[row.what], localTime(row.before), String(row.count), noteOf(row)]);
  const head = ["form", "what", "from before", dryRun ? "would end" : "ended", ""];
  for (const line of table([head, ...cells])) print(line);
  if (dryRun) print(nothingChanged);
}

const names: Record<RetentionRow["what"], string> = {
  leads: "leads",
  quarantine: "suspected spam",
  attempts: "attempts",
};

function noteOf(row: RetentionRow | PlannedRetention): string {
  return "unfinished" in row && row.unfinished > 0 ? `${row.unfinished} of them not delivered everywhere` : "";
}

function rowJson(row: RetentionRow | PlannedRetention): object {
  return { ...row, before: new Date(row.before).toISOString() };
}
