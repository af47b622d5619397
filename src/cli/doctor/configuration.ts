import type { Options } from "../../config/config.ts";
import type { CheckResult } from "../../model/destination.ts";
import type { ConfigError } from "../../model/errors.ts";

/** Everything that is wrong with a configuration that cannot be used. */
export function problemsOf({ problems }: ConfigError): CheckResult[] {
  return problems.map(({ path, message, cure }) => ({ what: path, result: "problem", detail: message, cure }));
}

/** What a configuration that can be used amounts to. */
export function checkConfiguration({ forms, destinations }: Pick<Options, "forms" | "destinations">): CheckResult {
  const what = "configuration";
  const about = forms ? `${forms.size} form(s)` : "any form id";
  if (destinations.length > 0) return { what, result: "ok", detail: `${about}, ${destinations.length} destination(s)` };
  const cure = "Set the variables of one in .env (see .env.example), or run: leadkeep init";
  return { what, result: "warning", detail: `${about}, and no destination: leads are kept, and go nowhere`, cure };
}
