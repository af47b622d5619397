import { expect, test } from "vitest";
import { causesOf } from "./causes.ts";

const group = (some: object) => ({
  destination: "webhook",
  code: "invalid",
  message: "answered 422",
  status: 422,
  count: 1,
  oldest: "2026-11-20T10:00:00.000Z",
  newest: "2026-11-20T10:00:00.000Z",
  ...some,
});

test("what is sent again together stands together, with every message it has", () => {
  const causes = causesOf([
    group({ message: "email is unknown", count: 2, oldest: "2026-11-19T10:00:00.000Z" }),
    group({ message: "phone is unknown", count: 5, newest: "2026-11-21T10:00:00.000Z" }),
  ]);
  expect(causes).toEqual([
    {
      destination: "webhook",
      code: "invalid",
      count: 7,
      oldest: "2026-11-19T10:00:00.000Z",
      newest: "2026-11-21T10:00:00.000Z",
      messages: [
        { message: "phone is unknown", status: 422, count: 5 },
        { message: "email is unknown", status: 422, count: 2 },
      ],
    },
  ]);
});

test("another destination or code is another cause, the largest first", () => {
  const causes = causesOf([group({}), group({ code: "gone", count: 3 }), group({ destination: "zapier", count: 2 })]);
  expect(causes.map(({ destination, code }) => [destination, code])).toEqual([
    ["webhook", "gone"],
    ["zapier", "invalid"],
    ["webhook", "invalid"],
  ]);
});
