import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { aNotesPostgres } from "../../../test/support/a-notes-postgres.ts";
import { createTogether } from "../together.ts";
import { createNotes, type RunStatement } from "./together.ts";

let postgres: Awaited<ReturnType<typeof aNotesPostgres>>;
const run: RunStatement = (text, values) => postgres.run(text, values);

beforeAll(async () => {
  postgres = await aNotesPostgres();
});
beforeEach(() => postgres.run("TRUNCATE together", []));
afterAll(() => postgres?.stop());

const spend = (together: ReturnType<typeof createTogether>) =>
  together.change("pace", "crm", (note, { now }) => ({
    note: { tokens: (note?.tokens ?? 0) + 1, at: now },
    answer: undefined,
  }));
const ada = { holder: "ada", forMs: 60_000 };
const bob = { holder: "bob", forMs: 60_000 };

test("changes made at once by several machines are all kept", async () => {
  const machines = Array.from({ length: 8 }, () => createTogether("several", createNotes(run)));
  await Promise.all(machines.flatMap((together) => Array.from({ length: 20 }, () => spend(together))));
  const [first] = machines;
  expect(await first?.change("pace", "crm", (note) => ({ answer: note?.tokens }))).toBe(160);
});

test("a machine frozen between look and write holds up nobody, and overwrites nothing when it wakes", async () => {
  let wake = (): void => {};
  const woken = new Promise<void>((resolve) => {
    wake = resolve;
  });
  let writes = 0;
  const frozen = createTogether(
    "several",
    createNotes(async (text, values) => {
      if (!text.startsWith("SELECT") && writes++ === 0) await woken;
      return run(text, values);
    }),
  );
  const together = createTogether("several", createNotes(run));
  await spend(together);
  const stuck = spend(frozen);
  await Promise.all(Array.from({ length: 5 }, () => spend(together)));
  wake();
  await stuck;
  expect(await together.change("pace", "crm", (note) => ({ answer: note?.tokens }))).toBe(7);
});

test("a role taken while the store's clock was an hour ahead is free when it has been set right", async () => {
  const together = createTogether("several", createNotes(run));
  const first = await together.lease("retention", ada);
  await postgres.pool.query(
    "UPDATE together SET changed_at = changed_at + 3600000, note = replace(note, '\"until\":', '\"until\":9')",
  );
  const second = await together.lease("retention", bob);
  expect(second?.n).toBeGreaterThan(first?.n ?? 0);
});

test("what a program of another version noted in another form counts as nothing noted", async () => {
  const together = createTogether("several", createNotes(run));
  await spend(together);
  await postgres.pool.query("UPDATE together SET note = '{\"drops\":3}'");
  expect(await together.change("pace", "crm", (note) => ({ answer: note }))).toBeNull();
  await spend(together);
  expect(await together.change("pace", "crm", (note) => ({ answer: note?.tokens }))).toBe(1);
});
