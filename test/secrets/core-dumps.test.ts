import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string) => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), "utf8");

test("deployments that can say so write no core dump, in which secrets and leads would stand", () => {
  expect(read("leadkeep@.service")).toMatch(/^LimitCORE=0$/m);
  expect(read("docker-compose.yml")).toMatch(/^ {2}ulimits: \{ core: 0 \}$/m);
});
