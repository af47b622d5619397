import type { CheckResult } from "../../model/destination.ts";

/** `version` as `process.versions.node` has it; `least` as `22.19`. */
export function checkNodeVersion(version: string, least: string): CheckResult {
  const what = "Node";
  if (!isOlder(version, least)) return { what, result: "ok", detail: version };
  const detail = `${version} is older than ${least}, which this program needs`;
  return { what, result: "problem", detail, cure: `Install Node ${least} or later; 24 is what it is tested on most.` };
}

function isOlder(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split(".").map(Number));
  for (const [i, wanted] of (b ?? []).entries()) {
    const had = a?.[i] ?? 0;
    if (had !== wanted) return had < wanted;
  }
  return false;
}
