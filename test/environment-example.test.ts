import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { environment } from "../src/config/environment.ts";

test(".env.example documents every variable the program reads, and no other", () => {
  const text = readFileSync(new URL("../.env.example", import.meta.url), "utf8");
  const documented = [...text.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1]);
  expect(documented.sort()).toEqual(Object.keys(environment.shape).sort());
});
