import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { aForm } from "../../../test/support/intake.ts";
import { parseUrlencoded } from "../urlencoded.ts";
import { createRates, limitsFrom } from "./rates.ts";
import { createRepeats } from "./repeats.ts";
import { createScreens } from "./screens.ts";
import { createSeen } from "./seen.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

function heapMb(): number {
  collect();
  return process.memoryUsage().heapUsed / 1e6;
}

test("of a post with a large body nothing large stays: neither by its stamp, its fields nor its text", () => {
  let serial = 0;
  const screens = createScreens({
    secrets: ["a secret of the tests"],
    trustsProxy: false,
    hash: (text) => String(text.length + serial),
    now: () => 1_700_000_000_000,
    nonce: () => `nonce-${String(++serial).padStart(10, "0")}`,
    draw: () => 0,
  });
  const form = aForm();
  const before = heapMb();
  for (let i = 0; i < 200; i++) {
    const sent = `email=a@example.com&_stamp=${screens.stamps.give(form.id)}&a_field_nobody_else_has_${i}=${i}${i}&message=${"x".repeat(200_000)}`;
    const pairs = new Map(parseUrlencoded(Buffer.from(sent), null));
    const { email, message, _stamp = "", ...others } = Object.fromEntries(pairs) as Record<string, string>;
    screens.screen({
      form,
      formData: { email: email ?? "", message: message ?? "", ...others },
      aside: {},
      reserved: new Map([["_stamp", _stamp]]),
      email: "a@example.com",
      message: message ?? "",
      person: String(i),
      address: "203.0.113.7",
    });
  }
  expect(heapMb() - before).toBeLessThan(15);
});

test("what is remembered stays bounded, and the oldest goes first", () => {
  const seen = createSeen(3, 1_000);
  for (const key of ["a", "b", "c", "d"]) seen.add(key, 0);
  expect([seen.size(), seen.add("a", 0), seen.add("d", 0)]).toEqual([3, false, true]);

  const repeats = createRepeats((text) => text);
  const text = (i: number) => `${i} ${"and so on, ".repeat(9)}`;
  for (let i = 0; i < 6_000; i++) repeats.screen("contact", text(i), "somebody", 0);
  expect(repeats.size()).toBe(5_000);

  const rates = createRates(limitsFrom({ address: 2 }));
  for (let i = 0; i < 2; i++) rates.count("contact", "the first", 0);
  expect(rates.refuse("contact", "the first", 0)).not.toBeNull();
  for (let i = 0; i < 20_000; i++) rates.count(`form-${i}`, `address ${i}`, 0);
  expect(rates.refuse("contact", "the first", 0)).toBeNull();
});
