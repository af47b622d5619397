import { expect, onTestFinished, test } from "vitest";
import { webhook } from "../../src/destinations/index.ts";
import { createStamps } from "../../src/intake/screens/stamp.ts";
import { aGateway, aPerson } from "../support/a-gateway.ts";
import { ask } from "../support/http.ts";

const json = { "content-type": "application/json" };

/** One gateway with two forms, each with a destination of its own. */
async function twoForms() {
  const destination = webhook({ url: "http://127.0.0.1:9/" });
  const gateway = await aGateway({
    config: {
      destinations: { first: destination, second: destination },
      forms: { one: { destinations: ["first"] }, two: { destinations: ["second"] } },
    },
  });
  onTestFinished(() => gateway.close());
  return {
    gateway,
    async post(form: string, headers: Record<string, string> = {}): Promise<string> {
      const answer = await ask(`${gateway.url}/f/${form}`, { headers: { ...json, ...headers }, body: aPerson() });
      return JSON.parse(answer.body).lead_id as string;
    },
  };
}

test("a lead goes to its own form's destinations, and to no other form's", async () => {
  const { gateway, post } = await twoForms();
  for (const [form, destination] of [
    ["one", "first"],
    ["two", "second"],
  ] as const) {
    const { deliveries } = await gateway.record(await post(form));
    expect(deliveries.map((one) => one.destination)).toEqual([destination]);
  }
});

test("a key known from one form gives away no lead of another", async () => {
  const { post } = await twoForms();
  const key = { "idempotency-key": "the same key at both forms" };
  const [first, second, again] = [await post("one", key), await post("two", key), await post("one", key)];
  expect(second).not.toBe(first);
  expect(again).toBe(first);
});

test("a stamp of one form is none of another's", () => {
  const stamps = createStamps(["a secret of sixteen characters"], {
    now: () => 1_764_000_000_000,
    nonce: () => "nonce-01",
  });
  const stamp = stamps.give("one");
  expect(stamps.read("two", stamp)).toEqual({ type: "forged" });
  expect(stamps.read("one", stamp)).toMatchObject({ type: "shown" });
});
