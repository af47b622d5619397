import { expect, test } from "vitest";
import { linkInjections } from "../../../test/support/injection-corpus.ts";
import { defanged } from "./defang.ts";

test.each([
  ["https://evil.example.com/login?x=1", "hxxps://evil[.]example[.]com/login?x=1"],
  ["see www.example.com.", "see www[.]example[.]com."],
  ["HTTP://EXAMPLE.COM", "hxxp://EXAMPLE[.]COM"],
  ["ftp://example.com/x", "ftp[:]//example[.]com/x"],
  ["javascript:alert(1)", "javascript[:]alert(1)"],
  ["https://user@example.com/", "hxxps://user@example[.]com/"],
  ["xn--e1awd7f.example 。", "xn--e1awd7f[.]example 。"],
])("%s is written %s", (text, expected) => {
  expect(defanged(text)).toBe(expected);
});

test.each([["ada@example.com"], ["1,200.50"], ["e.g. at 10:30"], ["Budget:5000"], ["Version 2.0"]])(
  "%s stays as it is",
  (text) => {
    expect(defanged(text)).toBe(text);
  },
);

test("no address of the corpus is left for a mail program to make a link of", () => {
  for (const text of linkInjections) {
    expect(defanged(text)).not.toMatch(
      /https?:|\bwww\.|[a-z]\.(?:com|org)\b(?<!thief@example\.com)|^(?:javascript|data):/i,
    );
  }
});
