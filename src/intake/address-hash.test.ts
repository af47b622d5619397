import { expect, test } from "vitest";
import { type AddressHashing, createAddressHash } from "./address-hash.ts";

const monday = { id: "20261123", key: "monday's" };
const tuesday = { id: "20261124", key: "tuesday's" };

function hashing(overrides: Partial<AddressHashing> = {}): (address: string) => string | null {
  return createAddressHash({
    secret: "a secret",
    under: "stable",
    truncate: false,
    today: () => monday,
    ...overrides,
  });
}

const hash = hashing();

test("an address hash names its algorithm and key, and shows neither address nor secret", () => {
  expect(hash("203.0.113.7")).toMatch(/^hmac-sha256:[0-9a-f]{8}:[0-9a-f]{64}$/);
});

test.each([
  ["::ffff:203.0.113.7", "203.0.113.7"],
  ["::FFFF:CB00:7107", "203.0.113.7"],
  ["203.0.113.7:50123", "203.0.113.7"],
  ["2001:DB8:0:0::1", "2001:db8::1"],
  ["[2001:db8::1]:443", "2001:db8::1"],
  ["fe80::1%eth0", "fe80::1"],
])("%s and %s are one address", (one, other) => {
  expect(hash(one)).toBe(hash(other));
});

test("different addresses and different secrets give different hashes", () => {
  expect(hash("203.0.113.7")).not.toBe(hash("203.0.113.8"));
  const [, keyId, hex] = hashing({ secret: "another" })("203.0.113.7")?.split(":") ?? [];
  expect(hash("203.0.113.7")).not.toContain(keyId);
  expect(hash("203.0.113.7")).not.toContain(hex);
});

test("a daily hash names its day, and is the same only on that day and under the same secret", () => {
  const daily = hashing({ under: "daily" });
  expect(daily("203.0.113.7")).toMatch(/^hmac-sha256:20261123:[0-9a-f]{64}$/);
  expect(hexOf(daily)).toBe(hexOf(hashing({ under: "daily" })));
  expect(hexOf(daily)).not.toBe(hexOf(hashing({ under: "daily", today: () => tuesday })));
  expect(hexOf(daily)).not.toBe(hexOf(hashing({ under: "daily", secret: "another" })));
  expect(hexOf(daily)).not.toBe(hexOf(hash));
});

test("when no hash is wanted there is none", () => {
  expect(hashing({ under: "none" })("203.0.113.7")).toBeNull();
});

test.each([
  ["203.0.113.7", "203.0.113.200", true],
  ["203.0.113.7", "203.0.114.7", false],
  ["2001:db8:1:2::7", "2001:db8:1:ffff:1:2:3:4", true],
  ["2001:db8:1::", "2001:db8:1::9", true],
  ["2001:db8:1::", "2001:db8:2::", false],
  ["::1", "::2", true],
  ["not an address", "another text", false],
])("cut to its network, %s and %s are one: %s", (one, other, same) => {
  const truncated = hashing({ truncate: true });
  expect(truncated(one) === truncated(other)).toBe(same);
});

function hexOf(hashAddress: (address: string) => string | null): string | undefined {
  return hashAddress("203.0.113.7")?.split(":")[2];
}
