import { expect, test } from "vitest";
import { type Touches, touchOf, withTouch } from "../../src/browser/touches.ts";
import { clickIdKeys, utmKeys } from "../../src/model/attribution.ts";

const day = 86_400_000;

function visit(query: string, { referrer = "", at = 1 } = {}) {
  return touchOf(`https://example.com/a${query}`, referrer, at, []);
}

function after(...visits: ReturnType<typeof visit>[]): Touches {
  return visits.reduce<Touches>(withTouch, {});
}

test("every UTM value and click id the model knows is taken from the address, unaltered", () => {
  const names = [...utmKeys, ...clickIdKeys];
  const query = new URLSearchParams(names.map((name): [string, string] => [name, "AbC-_9"]));
  const touch = touchOf(`https://example.com/?${query}`, "", 1, []);
  expect(touch).toEqual({
    url: `https://example.com/?${query}`,
    referrer: "",
    at: 1,
    ...Object.fromEntries(names.map((name) => [name, "AbC-_9"])),
  });
});

test("other parameters are left out unless the site names them, and the first of several wins", () => {
  const url = "https://example.com/?partner=x&q=shoes&gclid=1&gclid=2&GCLID=3&url=evil";
  expect(touchOf(url, "", 1, [])).toEqual({ url, referrer: "", at: 1, gclid: "1" });
  expect(touchOf(url, "", 1, ["partner", "url"])).toEqual({ url, referrer: "", at: 1, gclid: "1", partner: "x" });
});

test("the first touch stays what it was", () => {
  const first = visit("?utm_source=a");
  expect(after(first, visit("?utm_source=b", { at: 2 }), visit("", { at: 3 })).first).toEqual(first);
});

test("a new campaign replaces the last touch as a whole", () => {
  const next = visit("?utm_source=b", { at: 2 });
  expect(after(visit("?utm_source=a&utm_term=t&gclid=x"), next).last).toEqual(next);
});

test("a direct visit, or a step within the site, never overwrites a campaign", () => {
  const campaign = visit("?utm_source=a");
  expect(after(campaign, visit("", { at: 2 })).last).toEqual(campaign);
  expect(after(campaign, visit("", { at: 2, referrer: "https://example.com/b" })).last).toEqual(campaign);
});

test("a visit from another site is the last touch", () => {
  const referral = visit("", { at: 2, referrer: "https://www.example.org/" });
  expect(after(visit("?utm_source=a"), referral).last).toEqual(referral);
});

test("a bare click id never blanks a campaign and is kept beside it", () => {
  const campaign = visit("?utm_source=a");
  const click = visit("?gclid=x", { at: 2 });
  expect(after(campaign, click)).toEqual({ first: campaign, last: campaign, click });
  expect(after(visit(""), click).last).toEqual(click);
  expect(after(campaign, click, visit("", { at: 3 })).click).toEqual(click);
  expect(after(campaign, click, visit("?utm_source=b", { at: 3 })).click).toBeUndefined();
});

test("after half a year a person is new again", () => {
  const late = visit("", { at: 181 * day });
  expect(after(visit("?utm_source=a"), late)).toEqual({ first: late, last: late });
});
