import { expect, test } from "vitest";
import { createKeyedHash } from "./keyed-hash.ts";

const hash = createKeyedHash("a secret");

test("an address hash names its algorithm and key, and shows neither address nor secret", () => {
  expect(hash.hashAddress("203.0.113.7")).toMatch(/^hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}$/);
});

test.each([
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::FFFF:CB00:7107", "203.0.113.7"],
  ["2001:DB8:0:0::1", "2001:db8::1"],
])("%s and %s are one address", (one, other) => {
  expect(hash.hashAddress(one)).toBe(hash.hashAddress(other));
});

test("different addresses and different secrets give different hashes", () => {
  expect(hash.hashAddress("203.0.113.7")).not.toBe(hash.hashAddress("203.0.113.8"));
  const [, keyId, hex] = createKeyedHash("another").hashAddress("203.0.113.7").split(":");
  expect(hash.hashAddress("203.0.113.7")).not.toContain(keyId);
  expect(hash.hashAddress("203.0.113.7")).not.toContain(hex);
});

test("an address and a person with the same text have unrelated hashes", () => {
  expect(hash.personKey("ann@example.com")).toMatch(/^[0-9a-f]{32}$/);
  expect(hash.hashAddress("ann@example.com")).not.toContain(hash.personKey("ann@example.com"));
});
