import { readFileSync } from "node:fs";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import * as z from "zod";
import { environment } from "../src/config/environment.ts";

/** Variables of the file formats' own tools, not of the program. */
const foreign = ["NODE_ENV", "POSTGRES_PASSWORD", "LEADKEEP_DOMAIN"];
const known = new Set(Object.keys(environment.shape));

const read = (name: string) => readFileSync(new URL(`../deploy/${name}`, import.meta.url), "utf8");

/** Every document of a YAML file. @throws when it is no YAML */
function yaml(name: string): unknown[] {
  return parseAllDocuments(read(name), { merge: true }).map((document) => {
    if ("errors" in document && document.errors.length > 0) throw document.errors[0];
    return "toJS" in document ? document.toJS() : null;
  });
}

const names = z.record(z.string(), z.unknown()).transform((variables) => Object.keys(variables));
const named = (field: string) =>
  z.array(z.record(z.string(), z.unknown())).transform((variables) => variables.map((one) => String(one[field])));

/** The variables a deployment sets, from its file. */
const files: Record<string, () => string[]> = {
  "docker-compose.yml": () => {
    const gateway = z.object({ environment: names });
    const { services } = z
      .object({ services: z.object({ "gateway-1": gateway, "gateway-2": gateway }) })
      .parse(yaml("docker-compose.yml")[0]);
    return services["gateway-2"].environment;
  },
  "render.yaml": () => {
    const blueprint = z.object({ services: z.tuple([z.object({ envVars: named("key") })]) });
    return blueprint.parse(yaml("render.yaml")[0]).services[0].envVars;
  },
  "kubernetes/leadkeep.yaml": () => {
    const container = z.object({ env: named("name") });
    const deployment = z.object({
      spec: z.object({ template: z.object({ spec: z.object({ containers: z.tuple([container]) }) }) }),
    });
    return deployment.parse(yaml("kubernetes/leadkeep.yaml")[0]).spec.template.spec.containers[0].env;
  },
  "fly.toml": () => z.object({ env: names }).parse(parseToml(read("fly.toml"))).env,
  "leadkeep@.service": () =>
    settings("Environment").flatMap((text) => text.split(" ").map((one) => one.split("=")[0] ?? "")),
};

/** The values of a key of the systemd unit. */
function settings(key: string): string[] {
  return [...read("leadkeep@.service").matchAll(/^(\w+)=(.*)$/gm)].flatMap(([, name, value = ""]) =>
    name === key ? [value] : [],
  );
}

test.each(Object.keys(files))("%s can be read, and every variable it sets is one the program knows", (name) => {
  const set = files[name]?.() ?? [];
  expect(set).not.toEqual([]);
  expect(set.filter((one) => !known.has(one) && !foreign.includes(one))).toEqual([]);
});

test.each(Object.keys(files))("what %s says in capitals of variables, in comments too, is true", (name) => {
  const mentioned = read(name).match(/\b(?:LEADKEEP|DATABASE|PUBLIC|TRUST)_[A-Z_]+\b/g) ?? [];
  expect(mentioned.filter((one) => !known.has(one) && !foreign.includes(one))).toEqual([]);
});

test("the systemd unit has its sections, and each line is one", () => {
  const lines = read("leadkeep@.service").split("\n");
  expect(lines.filter((line) => line.startsWith("["))).toEqual(["[Unit]", "[Service]", "[Install]"]);
  expect(lines.filter((line) => line !== "" && !/^(?:#|\[\w+\]$|[A-Z]\w+=)/.test(line))).toEqual([]);
});

test("each deployment gives a gateway the time it may take to stop", () => {
  const seconds = (pattern: RegExp, name: string) => Number(pattern.exec(read(name))?.[1]);
  expect(seconds(/stop_grace_period: (\d+)s/, "docker-compose.yml")).toBeGreaterThan(20);
  expect(seconds(/maxShutdownDelaySeconds: (\d+)/, "render.yaml")).toBeGreaterThan(20);
  expect(seconds(/terminationGracePeriodSeconds: (\d+)/, "kubernetes/leadkeep.yaml")).toBeGreaterThan(25);
  expect(seconds(/kill_timeout = "(\d+)s"/, "fly.toml")).toBeGreaterThan(20);
  expect(Number(settings("TimeoutStopSec")[0])).toBeGreaterThan(20);
});

test("each deployment routes by readiness, which comes only after migrations", () => {
  for (const name of ["Caddyfile", "render.yaml", "kubernetes/leadkeep.yaml", "fly.toml"]) {
    expect(read(name)).toMatch(/\/readyz/);
  }
});
