import { openAlerts } from "../alerts.ts";
import { alertJson } from "../watch/alert-json.ts";
import { jsonText, localTime, plain, print } from "./output.ts";
import { withLedger } from "./with-ledger.ts";

/** `leadkeep alerts`: what is wrong just now, with what to do. 1 when something is. */
export function alerts(json: boolean): Promise<number> {
  return withLedger(async (ledger, options) => {
    const { open, over } = await openAlerts(options, ledger).list();
    if (json) {
      print(jsonText({ open: open.map(alertJson), over: over.map(alertJson) }, 2));
    } else if (open.length === 0) {
      print("Nothing is wrong, as far as a running gateway has told.");
    } else {
      for (const { severity, since, words, acknowledged } of open) {
        print(`${severity === "problem" ? "PROBLEM" : "warning"}  ${plain(words.what)}`);
        print(`         Since ${localTime(since)}.${words.leads === null ? "" : ` ${words.leads}`}`);
        if (words.cure) print(`         ${plain(words.cure)}`);
        if (acknowledged) print(`         Seen by ${plain(acknowledged.by)}, ${localTime(acknowledged.at)}.`);
      }
    }
    return open.length === 0 ? 0 : 1;
  });
}
