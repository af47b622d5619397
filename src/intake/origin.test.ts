import { expect, test } from "vitest";
import { aRequest } from "../../test/support/intake.ts";
import { judgeOrigin } from "./origin.ts";

const listed = ["https://example.com"];
const judge = (origins: string[], headers: Record<string, string>) => judgeOrigin(origins, aRequest({ headers }));

test.each(["https://example.com", "https://leads.example.com"])(
  "%s is the form's own and may read the reply",
  (origin) => {
    expect(judge(listed, { origin })).toEqual({
      allowed: true,
      headers: { "access-control-allow-origin": origin, vary: "Origin" },
    });
  },
);

test.each([
  "https://example.com.evil.example",
  "https://evil-example.com",
  "http://example.com",
  "https://example.com:8443",
  "https://EXAMPLE.com",
  "https://example.co",
])("%s is refused without CORS headers", (origin) => {
  expect(judge(listed, { origin })).toEqual({ allowed: false, headers: {} });
});

test.each([
  ["cross-site", false],
  ["same-site", false],
  ["same-origin", true],
  ["none", true],
] as const)("without an Origin, Sec-Fetch-Site %s decides: %s", (site, allowed) => {
  expect(judge(listed, { "sec-fetch-site": site }).allowed).toBe(allowed);
  expect(judge(listed, { "sec-fetch-site": site, origin: "null" }).allowed).toBe(allowed);
});

test("the gateway's own pages may post also when a proxy makes their origin look foreign", () => {
  const origin = "https://forms.example.com";
  expect(judge(listed, { origin, "sec-fetch-site": "same-origin" }).allowed).toBe(true);
  expect(judge(listed, { origin, "sec-fetch-site": "same-site" }).allowed).toBe(false);
});

test("what is not a browser sends neither and is allowed", () => {
  expect(judge(listed, {})).toEqual({ allowed: true, headers: {} });
});

test("an empty list allows any origin", () => {
  expect(judge([], { origin: "https://anyone.example", "sec-fetch-site": "cross-site" }).allowed).toBe(true);
});
