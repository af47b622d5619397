import { expect, test } from "vitest";
import { confirmForMs, createPersonLinks, type SignedLinks } from "../../src/privacy/person-links.ts";
import { aConsent, aLead, aMoment } from "../support/a-lead.ts";

const secret = "a secret of sixteen characters";
const publicUrl = "https://leads.example.com/api/";

function links(secrets: readonly [string, ...string[]] = [secret], url: string | null = publicUrl): SignedLinks {
  return createPersonLinks({ secrets, publicUrl: url, now: () => aMoment });
}

const asking = aLead({ consents: [aConsent({ purpose: "marketing", action: "requested" })] });

function tokenOf(url: string | null): string {
  return url?.split("/").at(-1) ?? "";
}

test("a link to confirm stands for the lead, the purposes, the moment of the request, and seven days", () => {
  const url = links().confirm(asking);
  expect(url).toMatch(/^https:\/\/leads\.example\.com\/api\/c\/[\w.-]+$/);
  expect(links().read(tokenOf(url))).toEqual({
    type: "confirm",
    lead: asking.id,
    purposes: ["marketing"],
    at: aMoment,
    expiresAt: aMoment + confirmForMs,
  });
});

test("a link to withdraw never expires", () => {
  expect(links().read(tokenOf(links().withdraw(asking, "marketing")))).toMatchObject({
    type: "withdraw",
    purposes: ["marketing"],
    expiresAt: null,
  });
});

test("there is no link where there is nothing to decide, or no address to lead to", () => {
  const refused = aLead({ consents: [aConsent({ action: "refused" })] });
  const withdrawn = aLead({ consents: [aConsent(), aConsent({ action: "withdrawn" })] });
  const confirmed = aLead({ consents: [aConsent({ action: "requested" }), aConsent()] });
  expect([links().confirm(refused), links().confirm(confirmed)]).toEqual([null, null]);
  expect([links().withdraw(refused), links().withdraw(aLead()), links().withdraw(withdrawn)]).toEqual([
    null,
    null,
    null,
  ]);
  expect(links().withdraw(withdrawn, "enquiry")).toBeNull();
  expect(links([secret], null).confirm(asking)).toBeNull();
  expect(links([secret], null).withdraw(asking)).toBeNull();
});

test("use of data on another basis can be objected to without a consent on record", () => {
  expect(links().withdraw(aLead(), "marketing")).not.toBeNull();
});

test("a link holds nothing of the person", () => {
  const person = aLead({
    ...asking,
    email: "ada@example.com",
    phone: "+442079460018",
    name: "Ada Lovelace",
    person: "f00d",
  });
  for (const url of [links().confirm(person), links().withdraw(person)]) {
    const [payload = ""] = tokenOf(url).split(".");
    expect(Buffer.from(payload, "base64url").toString()).not.toMatch(/ada|lovelace|7946|f00d|example/i);
  }
});

test("no token but an unaltered one is read", () => {
  const token = tokenOf(links().confirm(asking));
  const [payload = "", signature = "", key = ""] = token.split(".");
  const other = JSON.parse(Buffer.from(payload, "base64url").toString());
  other[3] = aMoment * 2;
  const altered = Buffer.from(JSON.stringify(other)).toString("base64url");
  const forged = [
    `${altered}.${signature}.${key}`,
    `${payload}.${signature.replace(/^./, (first) => (first === "A" ? "B" : "A"))}.${key}`,
    `${payload}.${signature}.00000000`,
    `${payload}..${key}`,
    `${payload}.${signature}`,
    tokenOf(links(["another secret of sixteen"]).confirm(asking)),
    `${token}x`,
    "",
    "x".repeat(20_000),
  ];
  expect(forged.map((one) => links().read(one))).toEqual(forged.map(() => null));
});

test("an old secret's links are good after a rotation, and new ones are signed with the new secret", () => {
  const rotated = links(["a newer secret of sixteen", secret]);
  expect(rotated.read(tokenOf(links().confirm(asking)))?.lead).toBe(asking.id);
  expect(links().read(tokenOf(rotated.confirm(asking)))).toBeNull();
});
