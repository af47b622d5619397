import { expect, test } from "vitest";
import { createKeyedHash } from "./keyed-hash.ts";

const hash = createKeyedHash(["a secret"]);

test("a person's key shows neither the person nor the secret, and another secret gives another", () => {
  expect(hash.personKey("ann@example.com")).toMatch(/^[0-9a-f]{32}$/);
  expect(hash.personKey("ann@example.com")).not.toBe(createKeyedHash(["another"]).personKey("ann@example.com"));
});

test("a person is known under older secrets too, the one in use first", () => {
  const rotated = createKeyedHash(["new secret", "a secret"]);
  expect(rotated.personKeys("ann@example.com")).toEqual([
    rotated.personKey("ann@example.com"),
    hash.personKey("ann@example.com"),
  ]);
});

test("a person and a submission key with the same text have unrelated hashes", () => {
  expect(hash.submissionKey("ann@example.com")).toMatch(/^[0-9a-f]{32}$/);
  expect(hash.submissionKey("ann@example.com")).not.toBe(hash.personKey("ann@example.com"));
});
