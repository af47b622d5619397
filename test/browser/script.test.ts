import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { aGateway } from "../support/a-gateway.ts";
import { ask } from "../support/http.ts";

test("leadkeep.js is at most 3 kB gzip, one classic script without a dependency", () => {
  const built = readFileSync(new URL("../../dist/browser/leadkeep.js", import.meta.url));
  expect(gzipSync(built, { level: 9 }).length).toBeLessThanOrEqual(3_000);
  expect(built.toString()).not.toMatch(/\b(import|export|require|eval|Function)\b|document\.cookie\s*=/);
});

test("the gateway serves it to pages of any origin, to be cached and checked by its tag", async () => {
  const gateway = await aGateway();
  onTestFinished(() => gateway.close());
  const url = `${gateway.url}/leadkeep.js`;
  const answer = await ask(url, { method: "GET" });
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "public, max-age=3600",
      "access-control-allow-origin": "*",
      "cross-origin-resource-policy": "cross-origin",
      "x-content-type-options": "nosniff",
    },
  });
  expect(answer.body).toContain("leadkeep");

  const compressed = await fetch(url);
  expect(compressed.headers.get("content-encoding")).toBe("gzip");
  expect(await compressed.text()).toBe(answer.body);

  const tag = answer.headers.etag ?? "";
  const again = await ask(url, { method: "GET", headers: { "if-none-match": `W/${tag}` } });
  expect([again.status, again.body]).toEqual([304, ""]);
  const head = await ask(url, { method: "HEAD" });
  expect([head.status, head.headers["content-length"], head.body]).toEqual([200, String(answer.body.length), ""]);
  expect((await ask(url, { method: "POST" })).status).toBe(404);
});

test("in library use the handler serves it beside the forms", async () => {
  const { gateway, close } = await aGateway();
  onTestFinished(close);
  const request = (method: string) => new Request("https://example.com/api/leads/leadkeep.js", { method });
  expect((await gateway.handler(request("GET"))).headers.get("content-type")).toContain("javascript");
  expect((await gateway.handler(request("POST"))).status).toBe(404);
});
