import { readFileSync } from "node:fs";

/** The seeds of a target, as its file in `corpus/` lists them. */
export function corpus(name: string): unknown[] {
  return JSON.parse(readFileSync(new URL(`corpus/${name}.json`, import.meta.url), "utf8")) as unknown[];
}
