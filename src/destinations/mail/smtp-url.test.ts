import { expect, test } from "vitest";
import { parseSmtpUrl } from "./smtp-url.ts";

test("smtp is port 587 and upgraded, smtps is port 465 and encrypted from the first byte", () => {
  expect(parseSmtpUrl("smtp://smtp.example.com")).toMatchObject({
    host: "smtp.example.com",
    port: 587,
    tls: "offered",
  });
  expect(parseSmtpUrl("smtps://smtp.example.com")).toMatchObject({ port: 465, tls: "first" });
  expect(parseSmtpUrl("smtp://[::1]:2525")).toMatchObject({ host: "::1", port: 2525 });
});

test("user and password are decoded", () => {
  const server = parseSmtpUrl("smtp://hello%40example.com:p%23ss%2Fw@smtp.example.com");
  expect(server?.credentials).toEqual({ user: "hello@example.com", pass: "p#ss/w" });
});

test("a password never goes over the wire in the clear unless the address says so", () => {
  expect(parseSmtpUrl("smtp://u:p@smtp.example.com")?.tls).toBe("required");
  expect(parseSmtpUrl("smtp://u:p@localhost:1025")?.tls).toBe("offered");
  expect(parseSmtpUrl("smtp://u:p@mailpit:1025?tls=off")?.tls).toBe("off");
});

test.each([
  ["https://smtp.example.com"],
  ["smtp.example.com:587"],
  ["smtp://"],
  ["smtp://smtp.example.com?rejectUnauthorized=false"],
  ["smtp://smtp.example.com?tls=on"],
  ["smtp://u:%zz@smtp.example.com"],
])("%s is not one", (text) => {
  expect(parseSmtpUrl(text)).toBeNull();
});
