import { expect, test } from "vitest";
import { startNode } from "../support/node-process.ts";

/** Every file a module loads, by paths below `src` or names of packages. */
async function loadedBy(module: string): Promise<{ ours: string[]; packages: string[] }> {
  const source = new URL("../../src/", import.meta.url).href;
  const child = startNode(`
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({
      load(url, context, next) {
        loaded.push(url);
        return next(url, context);
      },
    });
    await import(${JSON.stringify(source + module)});
    console.log(JSON.stringify(loaded));
  `);
  await child.printed(1);
  const urls = JSON.parse(child.lines[0] ?? "[]") as string[];
  return {
    ours: urls.filter((url) => url.startsWith(source)).map((url) => url.slice(source.length)),
    packages: [...new Set(urls.flatMap((url) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []))],
  };
}

/** Pure parsers by which variables are checked. */
const parsers = [
  "destinations/google-sheets/private-key.ts",
  "destinations/mail/address.ts",
  "destinations/mail/smtp-url.ts",
];
const heavy = [
  "pg",
  "pg-boss",
  "nodemailer",
  "undici",
  "react",
  "react-dom",
  "hono",
  "libphonenumber-js",
  "smtp-server",
];

test.each(["core.ts", "adapters/next.ts", "adapters/fastify.ts"])(
  "%s loads no destination, no Postgres, no mail and no React",
  async (module) => {
    const { ours, packages } = await loadedBy(module);
    const destinations = ours.filter((file) => file.startsWith("destinations/") && !parsers.includes(file));
    expect([destinations, packages.filter((name) => heavy.includes(name))]).toEqual([[], []]);
  },
);

test("with all destinations to configure, their libraries are still loaded by the first lead only", async () => {
  const { ours, packages } = await loadedBy("index.ts");
  expect(ours).toContain("destinations/hubspot/hubspot.ts");
  expect(packages.filter((name) => heavy.includes(name))).toEqual([]);
});

test("the server loads no HTTP client of Node's own, which takes longer than the server itself", async () => {
  const server = new URL("../../src/server/server.ts", import.meta.url).href;
  const child = startNode(`
    await import(${JSON.stringify(server)});
    console.log(process.moduleLoadList.some((name) => name.includes("deps/undici")));
  `);
  await child.printed(1);
  expect(child.lines).toEqual(["false"]);
});
