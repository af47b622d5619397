import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parsePrivateKey } from "./private-key.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
const json = JSON.stringify({ type: "service_account", private_key: pem, client_email: "robot@project.example.com" });
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const folder = mkdtempSync(join(tmpdir(), "leadkeep-key-"));
const file = join(folder, "key.json");
writeFileSync(file, json);
afterAll(() => rmSync(folder, { recursive: true }));

describe("a private key is read in any form people paste it in", () => {
  test.each([
    ["PEM", pem],
    ["PEM of the old kind", String(privateKey.export({ type: "pkcs1", format: "pem" }))],
    ["with \\n spelled out", pem.replaceAll("\n", "\\n")],
    ["with \\n spelled out twice", pem.replaceAll("\n", "\\\\n")],
    ["quoted", `"${pem.replaceAll("\n", "\\n")}"`],
    ["with Windows line ends", pem.replaceAll("\n", "\r\n")],
    ["with its line breaks lost", pem.replaceAll("\n", " ")],
    ["indented", pem.replaceAll("\n", "\n    ")],
    ["base64", base64(pem)],
    ["base64 in lines", base64(pem).replace(/.{76}/g, "$&\n")],
    ["the JSON key file", json],
    ["base64 of the JSON key file", base64(json)],
    ["a path to the JSON key file", file],
  ])("%s", (_, text) => {
    const parsed = parsePrivateKey(text);
    expect(parsed.type === "key" && parsed.key.export({ type: "pkcs8", format: "pem" })).toBe(pem);
  });

  test("the JSON key file names the account too", () => {
    expect(parsePrivateKey(json)).toMatchObject({ email: "robot@project.example.com" });
  });
});

describe("a broken key is named, and not quoted", () => {
  test.each([
    ["", /has no -----BEGIN/],
    ["my secret", /has no -----BEGIN/],
    [pem.slice(0, 600), /is cut off/],
    [pem.replace(/\n.{64}\n/, "\n"), /is damaged/],
    [String(publicKey.export({ type: "spki", format: "pem" })), /public key/],
    [JSON.stringify({ type: "authorized_user" }), /without a "private_key"/],
    ["/nowhere/key.json", /cannot be read/],
    [
      String(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" })),
      /not an RSA key/,
    ],
  ])("%#", (text, problem) => {
    const parsed = parsePrivateKey(text);
    expect(parsed.type === "broken" && parsed.problem).toMatch(problem);
    if (text.length > 100) expect(JSON.stringify(parsed)).not.toContain(text.slice(40, 60));
  });
});
