import type { Options } from "../../config/config.ts";
import type { CheckResult } from "../../model/destination.ts";
import { isLoopback } from "./loopback.ts";

/** Whether pages of other sites can post to the forms of a gateway that the world can reach. */
export function checkOrigins({ forms, publicUrl, host }: Pick<Options, "forms" | "publicUrl" | "host">): CheckResult {
  const what = "origins";
  const isPublic = publicUrl === null ? !isLoopback(host) : !isLoopback(new URL(publicUrl).hostname);
  if (!isPublic) return { what, result: "ok", detail: "only this machine reaches the gateway" };
  const example = 'origins: ["https://example.com"]';
  if (forms === null) {
    const detail = "any site may post to any form id";
    const cure = `Name your forms in leadkeep.config.ts, each with ${example}`;
    return { what, result: "warning", detail, cure };
  }
  const open = [...forms.values()].filter(({ origins }) => origins.length === 0).map(({ id }) => id);
  if (open.length === 0) return { what, result: "ok", detail: "every form names the sites that may post to it" };
  const detail = `any site may post to: ${open.join(", ")}`;
  return { what, result: "warning", detail, cure: `Add to these forms in leadkeep.config.ts: ${example}` };
}
