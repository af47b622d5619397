import { describe, expect, test } from "vitest";
import { aLead, anEntry } from "../support/a-lead.ts";
import { aLedger, subjectOf, theRights } from "../support/rights.ts";

const ada = "ada@example.com";
const number = "+442079460018";

/** A ledger with these leads, and the ids of those found for an address or number. */
async function found(leads: Parameters<typeof aLead>[0][], identifier: string) {
  const ledger = aLedger();
  const ids: string[] = [];
  for (const overrides of leads) {
    const lead = aLead(overrides);
    await ledger.accept(anEntry({ lead }));
    ids.push(lead.id);
  }
  const subject = await subjectOf(theRights(ledger), identifier);
  return {
    leads: subject.leads.map(({ lead }) => ids.indexOf(lead.id)),
    mentions: subject.mentions.map((id) => ids.indexOf(id)),
    others: subject.others,
  };
}

describe("an address or number is read as intake reads it", () => {
  test.each([
    ["  Ada@Example.COM ", { email: ada }],
    ["020 7946 0018", { phone: number }],
    ["+44 20 7946 0018", { phone: number }],
  ])("%s", async (text, identifier) => {
    expect(await theRights(aLedger()).parse(text)).toEqual(identifier);
  });

  test.each(["Ada", "ada@", "", "123"])("%j is neither", async (text) => {
    expect(await theRights(aLedger()).parse(text)).toEqual({ problem: expect.any(String) });
  });
});

test("all leads of an address are found, newest first, and no other's", async () => {
  const leads = [{ email: ada }, { email: "bob@example.com" }, { email: ada }, { email: `x${ada}` }];
  expect(await found(leads, ada)).toMatchObject({ leads: [2, 0] });
});

test("leads of a number are found by it, however it was typed", async () => {
  const leads = [
    { email: null, phone: number },
    { email: ada, formData: { phone_2: "(020) 7946 0018" } },
    { email: ada, formData: { mobile: ["020-7946-0018"] } },
    { email: ada, formData: { fax: "+44 20 79.46.00.18" } },
    { email: ada, phone: "+442079460019" },
    { email: ada, formData: { order: "0018" } },
  ];
  expect((await found(leads, "020 7946 0018")).leads).toEqual([3, 2, 1, 0]);
});

test("a lead with the address in a field of its own is the person's, in any case and however deep", async () => {
  const leads = [
    { formData: { partner: "ADA@example.com" } },
    { formData: { guests: [{ mail: " ada@example.com" }] } },
  ];
  expect((await found(leads, ada)).leads).toEqual([1, 0]);
});

test("a lead that mentions the address in a text is another's, and is told apart", async () => {
  const leads = [{ message: `ask ${ada} too`, formData: { message: `ask ${ada} too` } }];
  expect(await found(leads, ada)).toMatchObject({ leads: [], mentions: [0] });
});

test("a number in a text is a mention, other numbers with the same ending are not", async () => {
  const leads = [{ message: "call 020 7946 0018 at noon" }, { message: "order 0018" }];
  expect(await found(leads, number)).toMatchObject({ leads: [], mentions: [0] });
});

test("suspected spam is the person's too", async () => {
  expect((await found([{ email: ada, state: "quarantined" }], ada)).leads).toEqual([0]);
});

test("wild cards in an address find nobody else", async () => {
  const leads = [{ email: "a_b@example.com" }, { email: "axb@example.com" }, { email: "a%b@example.com" }];
  expect((await found(leads, "a_b@example.com")).leads).toEqual([0]);
  expect((await found(leads, "a%b@example.com")).leads).toEqual([2]);
});

test("what else the person may be found by is told, but not what stands on a lead that only names them", async () => {
  const leads = [
    { email: ada, phone: number },
    { email: "bob@example.com", formData: { partner: ada } },
  ];
  expect((await found(leads, ada)).others).toEqual([number]);
});
