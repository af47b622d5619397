import { expect, test } from "vitest";
import { listen, visitorIds, withCommand } from "../../src/browser/consent.ts";

test("a choice is taken as it is made", () => {
  const denied = withCommand({}, "default", { ad_storage: "denied", wait_for_update: 500 });
  expect(denied).toEqual({ ad_storage: "denied" });
  expect(withCommand(denied, "update", { ad_storage: "granted" })).toEqual({ ad_storage: "granted" });
  expect(withCommand({}, "update", { ad_storage: true, analytics_storage: false, other: true })).toEqual({
    ad_storage: "granted",
    analytics_storage: "denied",
  });
});

test("a default lifts no refusal: one with a region may not be meant for this visitor", () => {
  const denied = withCommand({}, "default", { ad_storage: "denied", region: ["ES"] });
  expect(withCommand(denied, "default", { ad_storage: "granted" })).toEqual({ ad_storage: "denied" });
});

test("what is no clear yes is a no", () => {
  for (const value of ["", "yes", 1, null, undefined, "GRANTED", {}]) {
    expect(withCommand({}, "update", { ad_storage: value })).toEqual({ ad_storage: "denied" });
  }
});

test("commands before and after are heard, and the data layer stays what it was", () => {
  const heard: unknown[] = [];
  const layer: unknown[][] = [
    ["consent", "default", { ad_storage: "denied" }],
    ["js", new Date()],
  ];
  listen(layer, (command, told) => heard.push([command, told]));
  expect(layer.push(["consent", "update", { ad_storage: "granted" }], ["event", "x"])).toBe(4);
  expect(heard).toEqual([
    ["default", { ad_storage: "denied" }],
    ["update", { ad_storage: "granted" }],
  ]);
});

const cookies =
  "_ga=GA1.1.111.222; _ga_ABC=GS2.1.s333$o1; _fbp=fb.1.9.8; _fbc=fb.1.9.AbC; hubspotutk=0123456789abcdef; other=1";

test("visitor ids are read only with the consent each needs", () => {
  const read = (signals: Record<string, string>) => visitorIds(signals, () => cookies);
  expect(read({ ad_storage: "granted" })).toEqual({ _fbp: "fb.1.9.8", _fbc: "fb.1.9.AbC" });
  expect(read({ analytics_storage: "granted", ad_storage: "denied" })).toEqual({
    _ga: "GA1.1.111.222",
    _ga_ABC: "GS2.1.s333$o1",
    hubspotutk: "0123456789abcdef",
  });
});

test("without any consent the cookies are not looked at", () => {
  const never = (): string => {
    throw new Error("looked");
  };
  expect(visitorIds({}, never)).toEqual({});
  expect(visitorIds({ ad_storage: "denied", source: "gcm" }, never)).toEqual({});
});
