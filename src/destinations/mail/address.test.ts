import { expect, test } from "vitest";
import { headerInjections } from "../../../test/support/injection-corpus.ts";
import {
  bodyText,
  displayName,
  domainOf,
  headerText,
  isPlainAddress,
  parseMailbox,
  parseMailboxes,
} from "./address.ts";

test.each([
  ["ada@example.com"],
  ["ada.lovelace+tag@mail.example.co.uk"],
  ["o'brien@example.com"],
  ["müller@müller.example"],
])("%s is a plain address", (text) => {
  expect(isPlainAddress(text)).toBe(true);
});

test.each([
  ["two addresses", "ada@example.com,eve@example.com"],
  ["an address with a name", "Ada <ada@example.com>"],
  ["a quoted local part", '"ada lovelace"@example.com'],
  ["a comment", "ada(eve@example.com)@example.com"],
  ["a line end", "ada@example.com\r\nBcc: eve@example.com"],
  ["a zero byte", "ada\0@example.com"],
  ["an invisible character", "ada\u200b@example.com"],
  ["two at signs", "ada@eve@example.com"],
  ["no domain", "ada@"],
  ["an empty label", "ada@example..com"],
  ["a route", "@relay.example:ada@example.com"],
  ["a local part past 64 characters", `${"a".repeat(65)}@example.com`],
])("%s is not a plain address", (_, text) => {
  expect(isPlainAddress(text)).toBe(false);
});

test("a sender may be written with or without a name, and with a quoted one", () => {
  expect(parseMailbox("hello@example.com")).toEqual({ name: "", address: "hello@example.com" });
  expect(parseMailbox(" Example Ltd <hello@example.com> ")).toEqual({
    name: "Example Ltd",
    address: "hello@example.com",
  });
  expect(parseMailbox('"Example, Ltd" <hello@example.com>')).toEqual({
    name: "Example, Ltd",
    address: "hello@example.com",
  });
  expect(parseMailbox("Example Ltd")).toBeNull();
});

test("several addresses are separated by commas, and one wrong makes all wrong", () => {
  const boxes = parseMailboxes('a@example.com, "B, C" <b@example.com>,');
  expect(boxes?.map(({ address }) => address)).toEqual(["a@example.com", "b@example.com"]);
  expect(parseMailboxes("a@example.com, nobody")).toBeNull();
  expect(parseMailboxes("")).toBeNull();
});

test("whatever a visitor types becomes one line of header text without control characters", () => {
  for (const text of headerInjections) {
    const cleaned = headerText(text);
    expect(cleaned).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]|=\?/u);
    expect([...cleaned].length).toBeLessThanOrEqual(120);
    expect(cleaned.isWellFormed()).toBe(true);
  }
});

test("a name keeps its letters and loses what means something in an address list", () => {
  expect(displayName('Zoë "Z" <boss@example.com>, O’Brien')).toBe("Zoë Z boss example.com O’Brien");
});

test("a body keeps lines, tabs, emoji and right-to-left letters", () => {
  expect(bodyText("a\r\nb\tc\rd 👩‍👧 שלום\u202e\0")).toBe("a\nb\tc\nd 👩‍👧 שלום");
});

test("the domain is given as DNS knows it", () => {
  expect(domainOf("hello@Müller.example")).toBe("xn--mller-kva.example");
});
