import { expect, test } from "vitest";
import { lazyResponse } from "./lazy-response.ts";

const aResponse = (status = 200) =>
  lazyResponse({ status, headers: [["retry-after", "7"]], body: new TextEncoder().encode('{"id":17}') });

test("all of a response can be read, in any order", async () => {
  const response = aResponse();
  expect([response.ok, response.status, response.headers.get("Retry-After")]).toEqual([true, 200, "7"]);
  expect(await response.clone().text()).toBe('{"id":17}');
  expect(await response.json()).toEqual({ id: 17 });
  expect(response.bodyUsed).toBe(true);
  await expect(response.text()).rejects.toThrow(TypeError);
});

test("it is a Response to whoever asks", () => {
  expect(aResponse()).toBeInstanceOf(Response);
});

test("only 2xx is ok", () => {
  expect([199, 200, 299, 300].map((status) => aResponse(status).ok)).toEqual([false, true, true, false]);
});
