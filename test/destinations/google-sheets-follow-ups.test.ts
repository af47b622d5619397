import { describe, expect, test } from "vitest";
import type { Lead } from "../../src/model/lead.ts";
import { redacted } from "../../src/model/lead.ts";
import { aConsent, aLead } from "../support/a-lead.ts";
import { aSheet, aStatus, rowsByColumn, type TestSheet } from "../support/a-sheet.ts";

const leads = (count: number, given: Partial<Lead> = {}) => Array.from({ length: count }, () => aLead(given));
const ids = (sheet: TestSheet, title = "Leads"): string[] =>
  rowsByColumn(sheet.person, title)
    .map((row) => row.lead_id ?? "")
    .filter((id) => id !== "");
const everything = (sheet: TestSheet): string =>
  JSON.stringify(sheet.person.tabs().map((title) => sheet.person.rows(title)));
const isUpdate = (call: string): boolean => call.endsWith(":batchUpdate");

/** Acts once, before the n-th request that changes something. */
function onceBefore(sheet: TestSheet, n: number, act: () => void): void {
  let updates = 0;
  sheet.before((call) => {
    if (isUpdate(call) && ++updates === n) act();
    return null;
  });
}

/** A sheet with five leads, of which the third is to go or to change. */
async function five(given: Partial<Lead> = {}) {
  const sheet = aSheet();
  const all = leads(5, given);
  await sheet.deliver(all);
  const [first, second, third, ...rest] = all as [Lead, Lead, Lead, ...Lead[]];
  return { sheet, first, second, third, others: [first, second, ...rest] };
}

/** What a person may do between our look and our request. */
const meanwhile: [what: string, act: (sheet: TestSheet) => void][] = [
  ["sorts", ({ person }) => person.sort("Leads", 0, true)],
  ["inserts a row above", ({ person }) => person.insertRow("Leads", 1, ["", "", "mine"])],
  ["deletes a row above", ({ person }) => person.deleteRow("Leads", 1)],
  ["moves the row", ({ person }) => person.moveRow("Leads", 3, 1)],
  ["empties a row", ({ person }) => person.insertRow("Leads", 3, [])],
  ["inserts a column", ({ person }) => person.insertColumn("Leads", 0, "Mine")],
  ["moves the ids to another column", ({ person }) => person.moveColumn("Leads", 0, 3)],
];

describe.each([
  ["where Google leaves an empty row", true],
  ["where Google takes the row out", false],
])("erasure, %s", (_, duplicatesLeaveRows) => {
  async function fiveLeads() {
    const made = await five({ name: "Ada Lovelace", message: "secret" });
    Object.assign(made.sheet.vendor.settings, { duplicatesLeaveRows });
    return made;
  }

  test("takes the whole row of the lead, a person's own columns included, and no other", async () => {
    const { sheet, third, others } = await fiveLeads();
    const [header = []] = sheet.person.rows("Leads");
    sheet.person.insertColumn("Leads", header.length, "Notes");
    for (const row of [1, 3]) sheet.person.edit("Leads", row, header.length, `note ${row}`);
    expect(await sheet.erase(third)).toEqual({ type: "delivered" });
    expect(ids(sheet)).toEqual(others.map(({ id }) => id));
    expect(everything(sheet)).not.toContain("note 3");
    expect(everything(sheet)).toContain("note 1");
    expect(everything(sheet)).not.toContain(third.email);
  });

  test("is done in one look, one request and one more look", async () => {
    const { sheet, third } = await fiveLeads();
    const before = sheet.calls.length;
    await sheet.erase(third);
    expect(sheet.calls.slice(before).filter(isUpdate)).toHaveLength(2);
    expect(sheet.calls.length - before).toBe(8);
  });

  test.each(meanwhile)("clears no other row when a person %s at the same moment", async (_, act) => {
    const { sheet, third, others } = await fiveLeads();
    const gone: string[] = [];
    onceBefore(sheet, 1, () => {
      const before = ids(sheet);
      act(sheet);
      gone.push(...before.filter((id) => !ids(sheet).includes(id)));
    });
    expect(await sheet.erase(third)).toEqual({ type: "delivered" });
    expect(ids(sheet).sort()).toEqual(
      others
        .map(({ id }) => id)
        .filter((id) => !gone.includes(id))
        .sort(),
    );
    expect(everything(sheet)).not.toContain(third.id);
    expect(everything(sheet)).not.toContain(third.email);
  });

  test("the last row of a tab without an empty one goes too", async () => {
    const sheet = aSheet();
    Object.assign(sheet.vendor.settings, { duplicatesLeaveRows });
    const lead = aLead();
    await sheet.deliver([lead]);
    sheet.person.deleteRow("Leads", 2);
    expect(await sheet.erase(lead)).toEqual({ type: "delivered" });
    expect(ids(sheet)).toEqual([]);
  });

  test("reaches copies of the row, tabs of a person's own and the list of dead letters", async () => {
    const { sheet, first, third, others } = await fiveLeads();
    const [header = [], , , row = []] = sheet.person.rows("Leads");
    sheet.person.insertRow("Leads", 1, row);
    sheet.person.addTab("Won", [
      ["Note", ...header],
      ["mine", ...row],
    ]);
    sheet.person.addTab("Without a header", [row]);
    const dead = { state: "dead", attempts: 3 } as const;
    await sheet.sync([first, third].map((lead) => ({ lead, deliveries: [aStatus(lead, "hubspot", dead)] })));
    expect(await sheet.erase(third)).toEqual({ type: "delivered" });
    expect(everything(sheet)).not.toContain(third.id.slice("lead_".length));
    expect(ids(sheet)).toEqual(others.map(({ id }) => id));
    expect(ids(sheet, "Failed Integrations")).toEqual([first.id]);
    expect(sheet.person.rows("Won")[0]?.[0]).toBe("Note");
  });

  test.each(["lost", "lost after", "503 after", "garbage"] as const)(
    "an answer that is %s is asked for again, and the row is gone once",
    async (mishap) => {
      const { sheet, third, others } = await fiveLeads();
      sheet.before((call) => (isUpdate(call) ? mishap : null));
      expect((await sheet.erase(third)).type).toBe("uncertain");
      sheet.before(() => null);
      for (let n = 0; n < 2; n += 1) expect(await sheet.erase(third)).toEqual({ type: "delivered" });
      expect(ids(sheet)).toEqual(others.map(({ id }) => id));
    },
  );

  test("rows appended afterwards go below the others, under their headers", async () => {
    const { sheet, third, others } = await fiveLeads();
    await sheet.erase(third);
    const next = aLead();
    await sheet.deliver([next]);
    expect(ids(sheet).sort()).toEqual([...others, next].map(({ id }) => id).sort());
  });
});

describe("erasure", () => {
  test("several at once share their requests", async () => {
    const sheet = aSheet();
    const all = leads(40);
    await sheet.deliver(all);
    const before = sheet.calls.length;
    const outcomes = await Promise.all(all.slice(5).map((lead) => sheet.erase(lead)));
    expect(new Set(outcomes.map(({ type }) => type))).toEqual(new Set(["delivered"]));
    expect(ids(sheet)).toEqual(all.slice(0, 5).map(({ id }) => id));
    expect(sheet.calls.length - before).toBe(8);
  });

  test("a row a person has deleted is delivered too", async () => {
    const { sheet, third } = await five();
    sheet.person.deleteRow("Leads", 3);
    expect(await sheet.erase(third)).toEqual({ type: "delivered" });
  });

  test("a lead whose append may still be under way is looked for again after three minutes", async () => {
    const sheet = aSheet();
    const lead = aLead();
    await sheet.deliver(leads(1));
    expect(await sheet.erase(lead, true)).toMatchObject({ type: "retry", waitMs: 180_000 });
    await sheet.deliver([lead]);
    sheet.restart();
    sheet.pass(180_000);
    expect(await sheet.erase(lead, true)).toEqual({ type: "delivered" });
    expect(ids(sheet)).toHaveLength(1);
    expect(await sheet.erase(lead, true)).toEqual({ type: "delivered" });
  });

  test("a look that failed is not taken for 'nothing there'", async () => {
    const { sheet, third } = await five();
    sheet.before((call) => (call.endsWith(":batchGet") ? "503" : null));
    expect((await sheet.erase(third)).type).toBe("retry");
    expect(ids(sheet)).toHaveLength(5);
  });

  test("an id in a place that is not a lead's row is left to a person", async () => {
    const { sheet, third } = await five();
    sheet.person.addTab("Notes", [["To do"], ["call"], ["", third.id]]);
    expect(await sheet.erase(third)).toMatchObject({
      type: "rejected",
      reason: { code: "by_hand", message: expect.stringContaining("1 more cell") },
    });
    expect(sheet.person.rows("Notes")).toEqual([["To do"], ["call"], ["", third.id]]);
  });

  test("rows that never hold still are left for the next try, and none is harmed", async () => {
    const { sheet, third, others } = await five();
    sheet.before((call) => {
      const row = sheet.person.rows("Leads").findIndex(([id]) => id === third.id);
      if (isUpdate(call)) sheet.person.moveRow("Leads", row, row === 5 ? 1 : row + 1);
      return null;
    });
    expect(await sheet.erase(third)).toMatchObject({ type: "retry", reason: { code: "rows_moving" } });
    for (const { id } of others) expect(ids(sheet)).toContain(id);
  });

  test("the statuses of an erased lead are not listed any more", async () => {
    const { sheet, third } = await five();
    const dead = aStatus(third, "hubspot", { state: "dead", attempts: 3 });
    await sheet.sync([{ lead: { ...third, state: "erased" }, deliveries: [dead] }]);
    expect(sheet.person.tabs()).not.toContain("Failed Integrations");
  });
});

describe("withdrawal", () => {
  const consents = [aConsent(), aConsent({ purpose: "marketing" })];
  const shown = (sheet: TestSheet, column = "consent_given"): Record<string, string> =>
    Object.fromEntries(rowsByColumn(sheet.person).map((row) => [row.lead_id, row[column] ?? ""]));
  const expected = (all: readonly Lead[], withdrawn: Lead, gone: readonly string[] = []) =>
    Object.fromEntries(
      all.filter(({ id }) => !gone.includes(id)).map(({ id }) => [id, id === withdrawn.id ? "withdrawn" : "yes"]),
    );

  test("shows in the consent column of the lead's row, and nowhere else", async () => {
    const { sheet, third, others } = await five({ consents });
    expect(await sheet.withdraw(third, "marketing")).toEqual({ type: "delivered" });
    expect(shown(sheet, "marketing_consent")).toEqual(expected([third, ...others], third));
    expect(new Set(Object.values(shown(sheet)))).toEqual(new Set(["yes"]));
    expect(await sheet.withdraw(third, "marketing")).toEqual({ type: "delivered" });
    expect(shown(sheet, "marketing_consent")).toEqual(expected([third, ...others], third));
  });

  test.each(meanwhile.flatMap(([what, act]) => [1, 2].map((n): [string, number, typeof act] => [what, n, act])))(
    "touches no other row when a person %s before our change %i",
    async (_, n, act) => {
      const { sheet, third, others } = await five({ consents });
      const gone: string[] = [];
      onceBefore(sheet, n, () => {
        const before = ids(sheet);
        act(sheet);
        gone.push(...before.filter((id) => !ids(sheet).includes(id)));
      });
      expect(await sheet.withdraw(third)).toEqual({ type: "delivered" });
      const { "": _mine, ...rows } = shown(sheet);
      expect(rows).toEqual(expected([third, ...others], third, gone));
      expect(everything(sheet)).not.toContain("withdrawing");
    },
  );

  test("another column that says yes is not taken for consent when a person moves the columns at that moment", async () => {
    const { sheet, third, others } = await five({ consents });
    const [header = []] = sheet.person.rows("Leads");
    onceBefore(sheet, 1, () =>
      sheet.person.moveColumn("Leads", header.indexOf("consent_given"), header.indexOf("marketing_consent")),
    );
    expect(await sheet.withdraw(third)).toEqual({ type: "delivered" });
    expect(shown(sheet)).toEqual(expected([third, ...others], third));
    expect(new Set(Object.values(shown(sheet, "marketing_consent")))).toEqual(new Set(["yes"]));
  });

  test.each([1, 2])(
    "when the process dies after change %i on a row a person was moving, the next try mends it",
    async (n) => {
      const { sheet, third, others } = await five({ consents });
      let updates = 0;
      sheet.before((call) => {
        if (!isUpdate(call)) return null;
        updates += 1;
        if (updates === 1) sheet.person.moveRow("Leads", 3, 1);
        return updates === n ? "crash after" : null;
      });
      await expect(sheet.withdraw(third)).rejects.toThrow();
      sheet.restart();
      sheet.before(() => null);
      sheet.person.sort("Leads", 0, true);
      expect(await sheet.withdraw(third)).toEqual({ type: "delivered" });
      expect(shown(sheet)).toEqual(expected([third, ...others], third));
    },
  );

  test.each(["lost after", "503 after", "garbage"] as const)("survives an answer that is %s", async (mishap) => {
    const { sheet, third, others } = await five({ consents });
    for (const n of [1, 2]) {
      let updates = 0;
      sheet.before((call) => (isUpdate(call) && ++updates === n ? mishap : null));
      expect((await sheet.withdraw(third)).type).toBe("uncertain");
    }
    sheet.before(() => null);
    expect(await sheet.withdraw(third)).toEqual({ type: "delivered" });
    expect(shown(sheet)).toEqual(expected([third, ...others], third));
  });

  test("when the lead is erased after the process died on a row a person was moving, the other row is mended", async () => {
    const { sheet, third, others } = await five({ consents });
    sheet.before((call) => {
      if (!isUpdate(call)) return null;
      sheet.person.moveRow("Leads", 3, 1);
      return "crash after";
    });
    await expect(sheet.withdraw(third)).rejects.toThrow();
    expect(everything(sheet)).toContain("withdrawing");
    sheet.restart();
    sheet.before(() => null);
    expect(await sheet.erase(third)).toEqual({ type: "delivered" });
    const { "": _emptied, ...rows } = shown(sheet);
    expect(rows).toEqual(Object.fromEntries(others.map(({ id }) => [id, "yes"])));
  });

  test("what a person wrote there stays, and a person is asked", async () => {
    const { sheet, third } = await five({ consents });
    const [header = []] = sheet.person.rows("Leads");
    sheet.person.edit("Leads", 3, header.indexOf("consent_given"), "yes, by phone");
    expect(await sheet.withdraw(third)).toMatchObject({ type: "rejected", reason: { code: "by_hand" } });
    expect(shown(sheet)[third.id]).toBe("yes, by phone");
  });

  test("a purpose without a column is left to a person; a row that is gone needs nothing", async () => {
    const { sheet, third } = await five({ consents });
    expect(await sheet.withdraw(third, "research")).toMatchObject({ type: "rejected", reason: { code: "by_hand" } });
    sheet.person.deleteRow("Leads", 3);
    expect(await sheet.withdraw(third)).toEqual({ type: "delivered" });
  });

  test("a redacted row is not filled, whatever becomes of the consent", async () => {
    const sheet = aSheet();
    const lead = aLead({ name: "Ada Lovelace" });
    await sheet.deliver([redacted(lead)]);
    const before = sheet.person.rows("Leads");
    const granted = { ...lead, consents };
    expect(await sheet.deliver([granted], new Set([granted]))).toMatchObject([{ type: "delivered" }]);
    expect(await sheet.withdraw(granted)).toEqual({ type: "delivered" });
    expect(sheet.person.rows("Leads")).toEqual(before);
  });
});

describe("a consent that came after the lead", () => {
  const refused = [aConsent(), aConsent({ purpose: "marketing", action: "requested" })];
  const marketing = (sheet: TestSheet): Record<string, string> =>
    Object.fromEntries(rowsByColumn(sheet.person).map((row) => [row.lead_id, row.marketing_consent ?? ""]));
  const expected = (all: readonly Lead[], granted: Lead): Record<string, string> =>
    Object.fromEntries(all.map(({ id }) => [id, id === granted.id ? "yes" : "no"]));

  test("shows in the consent column of the lead's row, and nowhere else", async () => {
    const { sheet, third, others } = await five({ consents: refused });
    for (let n = 0; n < 2; n += 1) {
      expect(await sheet.grant(third, "marketing")).toEqual({ type: "delivered" });
      expect(marketing(sheet)).toEqual(expected([third, ...others], third));
    }
  });

  test("shows again after it was withdrawn, and is withdrawn again", async () => {
    const { sheet, third } = await five({ consents: refused });
    const shown: unknown[] = [];
    for (const tell of ["grant", "withdraw", "grant", "withdraw"] as const) {
      expect(await sheet[tell](third, "marketing")).toEqual({ type: "delivered" });
      shown.push(marketing(sheet)[third.id]);
    }
    expect(shown).toEqual(["yes", "withdrawn", "yes", "withdrawn"]);
  });

  test.each(meanwhile)("touches no other row when a person %s", async (_, act) => {
    const { sheet, third, others } = await five({ consents: refused });
    onceBefore(sheet, 1, () => act(sheet));
    expect(await sheet.grant(third, "marketing")).toEqual({ type: "delivered" });
    const { "": _mine, ...rows } = marketing(sheet);
    for (const { id } of others) expect(rows[id] ?? "no").toBe("no");
    expect(rows[third.id]).toBe("yes");
    expect(everything(sheet)).not.toContain("granting");
  });

  test("mends what a withdrawal left half done that it has overtaken", async () => {
    const { sheet, third } = await five({ consents: refused });
    await sheet.grant(third, "marketing");
    let updates = 0;
    sheet.before((call) => (isUpdate(call) && ++updates === 1 ? "crash after" : null));
    await expect(sheet.withdraw(third, "marketing")).rejects.toThrow();
    expect(marketing(sheet)[third.id]).toMatch(/^withdrawing #/);
    sheet.before(() => null);
    expect(await sheet.grant(third, "marketing")).toEqual({ type: "delivered" });
    expect(marketing(sheet)[third.id]).toBe("yes");
  });

  test("that cannot be shown is a warning: nobody has anything to do", async () => {
    const { sheet, third } = await five({ consents: refused });
    const [header = []] = sheet.person.rows("Leads");
    sheet.person.edit("Leads", 3, header.indexOf("marketing_consent"), "asked by phone");
    const warnings = [expect.stringContaining("does not say yes or no")];
    expect(await sheet.grant(third, "marketing")).toEqual({ type: "delivered", warnings });
    expect(marketing(sheet)[third.id]).toBe("asked by phone");
    expect(await sheet.grant(third, "research")).toEqual({ type: "delivered" });
  });
});

test("a protected tab stops the one follow-up and not the lane", async () => {
  const { sheet, third } = await five();
  const refusal = { error: { message: "You are trying to edit a protected cell or object." } };
  sheet.before((call) => {
    sheet.vendor.setFault(isUpdate(call) ? { type: "status", status: 400, body: JSON.stringify(refusal) } : null);
    return null;
  });
  expect(await sheet.erase(third)).toMatchObject({ type: "rejected", reason: { code: "protected" } });
});
