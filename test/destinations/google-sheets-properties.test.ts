import fc from "fast-check";
import { expect, test } from "vitest";
import type { DeliveryState } from "../../src/model/delivery.ts";
import type { StatusRecord } from "../../src/model/destination.ts";
import type { Lead } from "../../src/model/lead.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { aConsent, aLead, aMoment } from "../support/a-lead.ts";
import { aSheet, aStatus, Crash, type Mishap, rowsByColumn, type TestSheet } from "../support/a-sheet.ts";

const runs = Number(process.env.SHEETS_RUNS ?? 400);
const others = ["hubspot", "zapier"];

/** What a person does. Numbers choose a row or a column of those there are. */
type Act =
  | { type: "sort"; column: number; descending: boolean }
  | { type: "move"; from: number; to: number }
  | { type: "edit"; row: number; column: number; text: string }
  | { type: "insert"; at: number }
  | { type: "leave a row empty"; at: number }
  | { type: "delete own row"; row: number };

/** What the program does, with what happens before each of its requests. */
type Step =
  | { type: "deliver"; count: number; around: Around[] }
  | { type: "sync"; states: DeliveryState[]; around: Around[] }
  | { type: "erase"; lead: number; around: Around[] }
  | { type: "withdraw"; lead: number; around: Around[] }
  | { type: "grant"; lead: number; around: Around[] }
  | { type: "person"; act: Act }
  | { type: "restart" };
/** What may become of consent, by what a sheet is told it with. */
type Change = "withdraw" | "grant";
type Around = { act: Act | null; mishap: Mishap | null };

const number = fc.nat(40);
const text = fc.constantFrom("called", "=1+1", "x", "not yet #0000000000", "lead");
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ type: fc.constant("sort" as const), column: number, descending: fc.boolean() }),
  fc.record({ type: fc.constant("move" as const), from: number, to: number }),
  fc.record({ type: fc.constant("edit" as const), row: number, column: number, text }),
  fc.record({ type: fc.constant("insert" as const), at: number }),
  fc.record({ type: fc.constant("leave a row empty" as const), at: number }),
  fc.record({ type: fc.constant("delete own row" as const), row: number }),
);
const mishap = fc.constantFrom<Mishap>(
  "lost",
  "lost after",
  "503",
  "503 after",
  "429",
  "garbage",
  "crash",
  "crash after",
);
/** Most requests go well, or the program would get nowhere. */
const seldom = <T>(what: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: what });
const around = fc.array(fc.record({ act: fc.option(act), mishap: seldom(mishap) }), { maxLength: 8 });
const state = fc.constantFrom<DeliveryState>("pending", "delivered", "dead", "withheld", "cancelled");
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("deliver" as const), count: fc.integer({ min: 1, max: 4 }), around }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant("sync" as const),
      states: fc.array(state, { minLength: 1, maxLength: 8 }),
      around,
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("erase" as const), lead: number, around }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("withdraw" as const), lead: number, around }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("grant" as const), lead: number, around }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("person" as const), act }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("restart" as const) }) },
);
const beginning = fc.constantFrom("nothing", "own", "foreign");

test("any interleaving of appends, erasures, withdrawals, later consents, faults, sorting and edits by a person, and crashes ends with exactly one row per lead, none of an erased one, and every other cell as the person left it", async () => {
  await fc.assert(
    fc.asyncProperty(
      beginning,
      fc.boolean(),
      fc.array(step, { minLength: 1, maxLength: 14 }),
      async (start, leaveRows, steps) => {
        const run = aRun(start, leaveRows);
        for (const one of steps) await run.take(one);
        await run.finish();
        run.check();
      },
    ),
    { numRuns: runs },
  );
}, 120_000);

/** The program, the ledger's memory of it, and a person whose edits are remembered. */
function aRun(start: string, duplicatesLeaveRows: boolean) {
  const sheet = aSheet({ others });
  Object.assign(sheet.vendor.settings, { duplicatesLeaveRows });
  const waiting = new Map<Lead, boolean>();
  const held: Lead[] = [];
  /** What a person wrote, by the row's key (its lead id, or its own text in "Notes") and the column's name. */
  const edits = new Map<string, Map<string, string>>();
  const ownRows = new Set<string>();
  const truth = new Map<Lead, StatusRecord>();
  const deadOnes = new Set<string>();
  /** What is still to be told, and what has been. */
  const toErase = new Set<Lead>();
  /** Of consent, only the latest: the gate lets no other out. */
  const toChange = new Map<Lead, Change>();
  const told = { erased: new Set<Lead>(), changes: new Map<Lead, Change>() };
  let attempts = 1;
  let serial = 0;
  if (start === "own") sheet.person.addTab("Leads", []);
  if (start === "foreign") sheet.person.addTab("Leads", [["Notes", "E-Mail", "Lead ID", "Owner"]]);

  function happenAround(list: readonly Around[]): void {
    const left = [...list];
    sheet.before(() => {
      const next = left.shift();
      if (next?.act) perform(next.act);
      return next?.mishap ?? null;
    });
  }

  function perform(act: Act): void {
    const rows = sheet.person.rows("Leads");
    const [header = []] = rows;
    if (rows.length < 2 && act.type !== "insert") return;
    const rowAt = (n: number): number => 1 + (n % (rows.length - 1));
    const columnAt = (n: number): number => n % header.length;
    switch (act.type) {
      case "sort":
        sheet.person.sort("Leads", columnAt(act.column), act.descending);
        return;
      case "move":
        sheet.person.moveRow("Leads", rowAt(act.from), rowAt(act.to));
        return;
      case "edit": {
        const [row, column] = [rowAt(act.row), columnAt(act.column)];
        const key = keyOf(header, rows[row] ?? []);
        const name = header[column] ?? "";
        if (key === null || isKeyColumn(name)) return;
        sheet.person.edit("Leads", row, column, act.text);
        edits.set(key, (edits.get(key) ?? new Map()).set(name, act.text));
        return;
      }
      case "insert": {
        // Only where a person has a column of their own: the row's key stands there.
        const notes = header.indexOf("Notes");
        if (notes < 0) return;
        const key = `own ${++serial}`;
        sheet.person.insertRow("Leads", rows.length < 2 ? 1 : rowAt(act.at), [...Array(notes).fill(""), key]);
        ownRows.add(key);
        return;
      }
      case "leave a row empty":
        sheet.person.insertRow("Leads", rowAt(act.at), []);
        return;
      case "delete own row": {
        const own = rows.findIndex((cells, i) => i >= rowAt(act.row) && ownRows.has(keyOf(header, cells) ?? ""));
        if (own < 0) return;
        const key = keyOf(header, rows[own] ?? []) ?? "";
        sheet.person.deleteRow("Leads", own);
        ownRows.delete(key);
        edits.delete(key);
      }
    }
  }

  async function deliver(leads: readonly Lead[]): Promise<void> {
    const uncertain = new Set(leads.filter((lead) => waiting.get(lead)));
    const outcomes = await orCrash(() => sheet.deliver(leads, uncertain));
    leads.forEach((lead, i) => {
      const outcome = outcomes?.[i];
      if (outcome?.type === "delivered") {
        waiting.delete(lead);
        held.push(lead);
      } else if (outcome === undefined || outcome.type === "uncertain") {
        waiting.set(lead, true);
      }
    });
  }

  async function erase(lead: Lead): Promise<void> {
    const outcome = await orCrash(() => sheet.erase(lead));
    if (outcome?.type !== "delivered") return;
    toErase.delete(lead);
    toChange.delete(lead);
    told.erased.add(lead);
    edits.delete(lead.id);
  }

  /** A lead the sheet holds; as in the ledger, what was erased is not told of otherwise any more. */
  function beginErasure(n: number): Lead | null {
    const [lead] = held.splice(n % Math.max(1, held.length), 1);
    if (!lead) return null;
    toErase.add(lead);
    truth.delete(lead);
    return lead;
  }

  async function tellChange(lead: Lead, change: Change): Promise<void> {
    const outcome = await orCrash(() => sheet[change](lead));
    if (outcome?.type === "delivered") told.changes.set(lead, change);
    if (outcome?.type === "delivered" || outcome?.type === "rejected") toChange.delete(lead);
  }

  async function sync(states: readonly DeliveryState[]): Promise<Outcome | null> {
    attempts += 1;
    held.forEach((lead, i) => {
      const deliveries = others.map((id, j) => {
        const was = truth.get(lead)?.deliveries[j];
        const state = was?.state === "delivered" ? "delivered" : (states[(i * 2 + j) % states.length] ?? "pending");
        const died = state === "dead" && was?.state === "dead" ? was.attempts : attempts;
        return aStatus(lead, id, {
          state,
          attempts: died,
          reason: null,
          nextAttemptAt: state === "pending" ? aMoment : null,
        });
      });
      truth.set(lead, { lead, deliveries });
    });
    return tell();
  }

  async function tell(): Promise<Outcome | null> {
    const records = held.flatMap((lead) => truth.get(lead) ?? []);
    const outcome = await orCrash(() => sheet.sync(records));
    if (outcome?.type !== "delivered") return outcome;
    for (const { id, state, attempts } of records.flatMap((record) => record.deliveries)) {
      if (state === "dead") deadOnes.add(`${id}/${attempts}`);
    }
    return outcome;
  }

  async function orCrash<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      sheet.restart();
      return null;
    }
  }

  return {
    async take(step: Step): Promise<void> {
      sheet.pass(11_000);
      if (step.type === "person") return perform(step.act);
      if (step.type === "restart") return sheet.restart();
      happenAround(step.around);
      if (step.type === "sync") await sync(step.states);
      else if (step.type === "erase") {
        const lead = beginErasure(step.lead);
        if (lead) await erase(lead);
      } else if (step.type === "withdraw" || step.type === "grant") {
        const lead = held[step.lead % Math.max(1, held.length)];
        if (lead) {
          toChange.set(lead, step.type);
          await tellChange(lead, step.type);
        }
      } else {
        for (let i = 0; i < step.count; i += 1)
          waiting.set(aLead({ name: `Lead ${++serial}`, phone: "+442079460018", consents: [aConsent()] }), false);
        await deliver([...waiting.keys()]);
      }
      sheet.before(() => null);
    },
    async finish(): Promise<void> {
      sheet.pass(11_000);
      for (let round = 0; waiting.size > 0 && round < 3; round += 1) await deliver([...waiting.keys()]);
      expect(waiting.size).toBe(0);
      for (const lead of [...toErase]) await erase(lead);
      for (const [lead, change] of [...toChange]) await tellChange(lead, change);
      expect([toErase.size, toChange.size]).toEqual([0, 0]);
      expect((await sync(["delivered"]))?.type ?? "delivered").toBe("delivered");
      expect((await tell())?.type ?? "delivered").toBe("delivered");
    },
    check: () => {
      checkSheet(sheet, held, edits, ownRows, deadOnes, told.changes);
      const cells = JSON.stringify(sheet.person.tabs().map((title) => sheet.person.rows(title)));
      for (const { id, name } of told.erased) expect(cells.includes(id) || cells.includes(`"${name}"`)).toBe(false);
    },
  };
}

function checkSheet(
  sheet: TestSheet,
  held: readonly Lead[],
  edits: ReadonlyMap<string, ReadonlyMap<string, string>>,
  ownRows: ReadonlySet<string>,
  deadOnes: ReadonlySet<string>,
  changes: ReadonlyMap<Lead, Change>,
): void {
  const rows = rowsByColumn(sheet.person).filter((row) => Object.values(row).some((cell) => cell !== ""));
  const [header = []] = sheet.person.rows("Leads");
  const byKey = new Map(
    rows.map((row) => [
      keyOf(
        header,
        header.map((name) => row[name] ?? ""),
      ),
      row,
    ]),
  );
  expect(
    rows
      .map((row) => idOf(row))
      .filter(Boolean)
      .sort(),
  ).toEqual(held.map(({ id }) => id).sort());
  expect(rows.length).toBe(held.length + ownRows.size);
  for (const key of ownRows) expect(byKey.has(key)).toBe(true);
  for (const lead of held) {
    const edited = edits.get(lead.id) ?? new Map<string, string>();
    const ours = {
      name: lead.name ?? "",
      phone: lead.phone ?? "",
      [header.includes("E-Mail") ? "E-Mail" : "email"]: lead.email ?? "",
      consent_given: changes.get(lead) === "withdraw" ? "withdrawn" : "yes",
      crm_synced: "yes",
      status_hubspot: "delivered",
      status_zapier: "delivered",
      ...(header.includes("Notes") ? { Notes: "", Owner: "" } : {}),
    };
    expect(byKey.get(lead.id)).toMatchObject({ ...ours, ...Object.fromEntries(edited) });
  }
  for (const [key, cells] of edits) expect(byKey.get(key)).toMatchObject(Object.fromEntries(cells));
  expect(sheet.person.formulas("Leads")).toBe(0);
  const failed = rowsByColumn(sheet.person, "Failed Integrations").flatMap((row) => row.id || []);
  expect(new Set(failed).size).toBe(failed.length);
  const holds = new Set(held.map(({ id }) => id.slice("lead_".length)));
  for (const id of deadOnes) if (holds.has(id.slice(4, 40))) expect(failed).toContain(id);
}

function idOf(row: Record<string, string>): string {
  return row.lead_id ?? row["Lead ID"] ?? "";
}

/** What a row is known by: its lead's id, or a person's own text in "Notes". */
function keyOf(header: readonly string[], cells: readonly string[]): string | null {
  const id = cells[header.findIndex((name) => name === "lead_id" || name === "Lead ID")];
  if (id) return id;
  const note = cells[header.indexOf("Notes")];
  return note?.startsWith("own ") ? note : null;
}

/** Own rows are known by their note, so that cell is only edited in rows of leads. */
function isKeyColumn(name: string): boolean {
  return name === "lead_id" || name === "Lead ID" || name === "Notes";
}
