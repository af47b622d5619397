import { expect, test } from "vitest";
import { type Parsed, parsedBody } from "./parsed-body.ts";

function read(type: string, rest: Omit<Parsed, "headers" | "readableDidRead">) {
  return parsedBody({ headers: { "content-type": type }, readableDidRead: true, ...rest });
}

test("what came is taken as it came, where somebody kept it", () => {
  const rawBody = Buffer.from('{"a":1}');
  expect(read("application/json", { rawBody, body: { a: 2 } })).toEqual({
    body: new Uint8Array(rawBody),
    type: "application/json",
  });
  expect(read("text/plain", { body: "a=1" })).toEqual({ body: "a=1", type: "text/plain" });
});

test("fields of forms get back the names they were read from", () => {
  const body = { email: "ada@example.com", topic: ["a", "b"], person: { age: "7", likes: ["x"] }, none: undefined };
  const rebuilt = read("application/x-www-form-urlencoded", { body });
  expect([...new URLSearchParams(String(rebuilt.body))]).toEqual([
    ["email", "ada@example.com"],
    ["topic", "a"],
    ["topic", "b"],
    ["person[age]", "7"],
    ["person[likes]", "x"],
  ]);
});

test("files that multer keeps in memory stay with the fields", async () => {
  const file = { fieldname: "plan", originalname: "plan.txt", mimetype: "text/plain", buffer: Buffer.from("bytes") };
  const rebuilt = read("multipart/form-data; boundary=x", { body: { email: "ada@example.com" }, files: [file] });
  const form = rebuilt.body as FormData;
  const plan = form.get("plan") as File;
  expect([form.get("email"), plan.name, plan.type, await plan.text()]).toEqual([
    "ada@example.com",
    "plan.txt",
    "text/plain",
    "bytes",
  ]);
});

test("a body that was read and not kept is an error, not an empty submission", () => {
  expect(() => read("application/json", {})).toThrow("let it keep req.rawBody");
});
