import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { admit } from "../../src/delivery/admission.ts";
import type { OpenedLedger } from "../../src/ledger/open-ledger.ts";
import { openPostgresLedger } from "../../src/ledger/postgres/postgres-ledger.ts";
import { type MasterKeys, masterKeysOf } from "../../src/ledger/sealing/master-keys.ts";
import { backUp, backUpKeys } from "../../src/ledger/sqlite/backup.ts";
import { openSqliteLedger } from "../../src/ledger/sqlite/sqlite-ledger.ts";
import type { LeadId } from "../../src/model/id.ts";
import { anActor, claimFrom } from "../conformance/ledger/steps.ts";
import { aConsent, aLead, aMoment, anEntry } from "../support/a-lead.ts";
import { aPostgres } from "../support/a-postgres.ts";
import { aMasterKey } from "../support/master-keys.ts";
import { startNode } from "../support/node-process.ts";

const anErasure = { tombstones: ["person_ada"], now: aMoment, actor: anActor, followUps: () => [] };
const noting = { now: aMoment, actor: anActor };

/** One place for a ledger, whichever store it is; what is open is closed when the test is over. */
type Place = {
  open(masterKeys: MasterKeys | null): Promise<OpenedLedger>;
  /** Everything the store holds in its own tables or files, without the keys. */
  everything(): Promise<string>;
  /** Puts the leads back as they are now; the keys stay as they are then. */
  backUp(): Promise<() => Promise<void>>;
};

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-sealed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const sourceOf = (file: string) => new URL(`../../src/${file}`, import.meta.url).href;

function closedAtEnd<L extends OpenedLedger>(ledger: L): L {
  onTestFinished(() => ledger.close());
  return ledger;
}

const places: Record<string, () => Promise<Place>> = {
  SQLite: async () => {
    const folder = aFolder();
    const path = join(folder, "ledger.db");
    return {
      open: async (masterKeys) => closedAtEnd(openSqliteLedger({ path, masterKeys })),
      everything: async () => {
        const files = readdirSync(folder).filter((name) => name.startsWith("ledger.db"));
        return files.map((name) => readFileSync(join(folder, name), "latin1")).join("");
      },
      backUp: async () => {
        await backUp(path, join(folder, "backup.db"));
        return async () => {
          for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
          copyFileSync(join(folder, "backup.db"), path);
        };
      },
    };
  },
  Postgres: async () => {
    const place = await aPostgres();
    const { url, schema } = place;
    return {
      open: async (masterKeys) => closedAtEnd(await openPostgresLedger({ url, schema, masterKeys })),
      everything: async () => {
        const { rows } = await place.query(
          `SELECT query_to_xml(format('SELECT * FROM %I.%I', schemaname, tablename), true, false, '')::text AS text
           FROM pg_tables WHERE schemaname = $1`,
          [schema],
        );
        return rows.map(({ text }) => text).join("\n");
      },
      backUp: async () => {
        await place.query("CREATE TEMP TABLE kept AS SELECT * FROM leads");
        return async () => {
          await place.query("DELETE FROM leads");
          await place.query("INSERT INTO leads SELECT * FROM kept");
        };
      },
    };
  },
};

function ada() {
  return aLead({
    email: "ada@example.com",
    name: "Ada Lovelace-Quill",
    phone: "+442079460000",
    formData: { email: "ada@example.com", secret_wish: "zebracake" },
    person: "person_ada",
    consents: [aConsent()],
  });
}

const personal = ["ada@example.com", "Lovelace-Quill", "2079460000", "zebracake", "calls-back-note"];

for (const [store, aPlace] of Object.entries(places)) {
  describe(`sealed leads in ${store}`, () => {
    test("nothing of a person stands in clear in the store, also after a note on them, a judgement and a restart", async () => {
      const place = await aPlace();
      const { keys } = aMasterKey();
      const ledger = await place.open(keys);
      const lead = ada();
      await ledger.accept(anEntry({ lead }));
      await ledger.noteWork(lead.id, { note: "calls-back-note" }, noting);
      const reason = { code: "person", points: 100, message: "a person said so" };
      await ledger.quarantineLeads([lead.id], { ...noting, reason, followUps: () => [] });
      const stored = await place.everything();
      expect(stored).toContain(lead.id);
      for (const word of personal) expect(stored).not.toContain(word);
      await ledger.close();
      const record = await (await place.open(keys)).findLead(lead.id);
      expect(record?.lead).toMatchObject({ email: "ada@example.com", formData: { secret_wish: "zebracake" } });
      expect(record?.work.note).toBe("calls-back-note");
    });

    test("what was sealed is found by its text", async () => {
      const ledger = await (await aPlace()).open(aMasterKey().keys);
      const lead = ada();
      await ledger.accept(anEntry({ lead }));
      await ledger.accept(anEntry({ lead: aLead() }));
      const { records } = await ledger.pageOfLeads({ text: "ZebraCake" }, { size: 10 });
      expect(records.map((record) => record.lead.id)).toEqual([lead.id]);
    });

    test("a person erased after a backup cannot be read in it with the keys of now, and others can", async () => {
      const place = await aPlace();
      const { keys } = aMasterKey();
      const before = await place.open(keys);
      const lead = ada();
      const other = aLead();
      for (const one of [lead, other]) await before.accept(anEntry({ lead: one }));
      const restore = await place.backUp();
      await before.erase([lead.id], anErasure);
      await before.close();
      await restore();

      const after = await place.open(keys);
      expect(await place.everything()).toContain(lead.id);
      const erased = await after.findLead(lead.id);
      expect(erased?.lead).toMatchObject({ state: "erased", email: null, name: null, formData: {}, person: null });
      expect((await after.findLead(other.id))?.lead).toEqual(other);
      const { records } = await after.pageOfLeads({ text: "zebracake" }, { size: 10 });
      expect(records).toEqual([]);
      const need = { type: "none" } as never;
      const gate = (one: Parameters<typeof admit>[2]) =>
        one.state === "erased"
          ? admit({ need, oncePerPersonMs: null }, { event: "lead.created", purpose: "enquiry" }, one, null, aMoment)
          : ({ type: "open", basis: "contract" } as const);
      const claimed = await claimFrom(after, { limit: 10, gate });
      expect(claimed.map((claim) => claim.lead.id)).not.toContain(lead.id);
    });

    test("retention destroys the keys of what it ends", async () => {
      const place = await aPlace();
      const { keys } = aMasterKey();
      const ledger = await place.open(keys);
      const lead = ada();
      await ledger.accept(anEntry({ lead, deliveries: [] }));
      const restore = await place.backUp();
      const expiry = { what: "leads", form: "contact", state: "active", before: aMoment + 1 } as const;
      expect(await ledger.expire(expiry, { limit: 10, ...noting })).toBe(1);
      await ledger.close();
      await restore();
      expect((await (await place.open(keys)).findLead(lead.id))?.lead.state).toBe("erased");
    });

    test("a ledger that holds sealed leads is not opened without a key, nor with another one", async () => {
      const place = await aPlace();
      const mine = aMasterKey();
      const ledger = await place.open(mine.keys);
      await ledger.accept(anEntry({ lead: ada() }));
      await ledger.close();
      await expect(place.open(null)).rejects.toThrow(/LEADKEEP_ENCRYPTION_KEY: is not set/);
      await expect(place.open(aMasterKey().keys)).rejects.toThrow(/lack the key/);
      await expect(place.open(aMasterKey([mine.raw]).keys)).resolves.toBeDefined();
    });

    test("turned on later, new leads are sealed at once and old ones when asked for", async () => {
      const place = await aPlace();
      const clear = await place.open(null);
      const lead = ada();
      await clear.accept(anEntry({ lead }));
      await clear.noteWork(lead.id, { note: "calls-back-note" }, noting);
      await clear.close();
      const ledger = await place.open(aMasterKey().keys);
      expect((await ledger.findLead(lead.id))?.lead).toEqual(lead);
      expect(await ledger.sealing.holdsClear()).toBe(true);
      for (let after: LeadId | null = null; ; ) {
        const { next }: { next: LeadId | null } = await ledger.sealing.sealOld(after);
        if (next === null) break;
        after = next;
      }
      await ledger.scrub();
      expect(await ledger.sealing.holdsClear()).toBe(false);
      const stored = await place.everything();
      for (const word of personal) expect(stored).not.toContain(word);
      const record = await ledger.findLead(lead.id);
      expect([record?.lead, record?.work.note]).toEqual([lead, "calls-back-note"]);
    });

    test("after the master key was changed and all keys are wrapped anew, the old one is not needed any more", async () => {
      const place = await aPlace();
      const old = aMasterKey();
      const before = await place.open(old.keys);
      const [lead, gone] = [ada(), aLead()];
      for (const one of [lead, gone]) await before.accept(anEntry({ lead: one }));
      await before.erase([gone.id], anErasure);
      await before.close();
      const fresh = aMasterKey([old.raw]);
      const during = await place.open(fresh.keys);
      for (let after: string | null = null; ; ) {
        const { next }: { next: string | null } = await during.sealing.rewrap(after);
        if (next === null) break;
        after = next;
      }
      expect(await during.sealing.forgetMasters()).toEqual([fresh.keys.current.id]);
      await during.close();
      const after = await place.open(masterKeysOf(fresh.raw));
      expect((await after.findLead(lead.id))?.lead).toEqual(lead);
      await expect(place.open(old.keys)).rejects.toThrow(/lack the key/);
    });
  });
}

describe("the key file beside an embedded ledger", () => {
  async function aSealedLedger() {
    const folder = aFolder();
    const path = join(folder, "ledger.db");
    const { keys } = aMasterKey();
    const open = () => closedAtEnd(openSqliteLedger({ path, masterKeys: keys }));
    return { folder, path, keyFile: join(folder, "keys.db"), open };
  }

  test("a destroyed key is nowhere in it, also not in its log", async () => {
    const { open, keyFile } = await aSealedLedger();
    const ledger = open();
    const lead = ada();
    await ledger.accept(anEntry({ lead }));
    const db = new DatabaseSync(keyFile, { readOnly: true });
    const wrapped = db
      .prepare("SELECT wrapped FROM data_keys")
      .all()
      .map((row) => String(row.wrapped));
    db.close();
    await ledger.erase([lead.id], anErasure);
    /** Of how many keys something stands in the files: in part is enough for a part of the work of guessing. */
    const found = (): number => {
      const names = readdirSync(join(keyFile, "..")).filter((name) => name.startsWith("keys.db"));
      const bytes = names.map((name) => readFileSync(join(keyFile, "..", name), "latin1")).join("");
      return wrapped.filter((one) => bytes.includes(one.slice(0, 20)) || bytes.includes(one.slice(-20))).length;
    };
    expect(found()).toBe(wrapped.length - 1);
    await ledger.close();
    expect(found()).toBe(wrapped.length - 1);
  });

  test("without it, with an older one, and with another ledger's, nothing is opened", async () => {
    const { open, keyFile } = await aSealedLedger();
    const early = open();
    await early.close();
    copyFileSync(keyFile, `${keyFile}.early`);
    const ledger = open();
    await ledger.accept(anEntry({ lead: ada() }));
    await ledger.close();
    renameSync(keyFile, `${keyFile}.now`);
    expect(open).toThrow(/are gone/);
    copyFileSync(`${keyFile}.early`, keyFile);
    expect(open).toThrow(/are older than the leads/);
    const other = await aSealedLedger();
    await other.open().close();
    copyFileSync(other.keyFile, keyFile);
    expect(open).toThrow(/belong to another ledger/);
    copyFileSync(`${keyFile}.now`, keyFile);
    expect(open).not.toThrow();
  });

  test("a process killed while it keeps leads leaves none whose key is not on record", async () => {
    const folder = aFolder();
    const path = join(folder, "ledger.db");
    const { raw, keys } = aMasterKey();
    const child = startNode(`
      import { openSqliteLedger } from ${JSON.stringify(sourceOf("ledger/sqlite/sqlite-ledger.ts"))};
      import { masterKeysOf } from ${JSON.stringify(sourceOf("ledger/sealing/master-keys.ts"))};
      import { aLead, anEntry } from ${JSON.stringify(new URL("../support/a-lead.ts", import.meta.url).href)};
      const masterKeys = masterKeysOf(Buffer.from("${raw.toString("base64")}", "base64"));
      const ledger = openSqliteLedger({ path: ${JSON.stringify(path)}, masterKeys });
      for (;;) {
        await Promise.all(Array.from({ length: 40 }, () => ledger.accept(anEntry({ lead: aLead() }))));
        console.log("kept");
      }`);
    onTestFinished(() => void child.kill("SIGKILL"));
    await child.printed(5);
    child.kill("SIGKILL");
    await child.exited;
    const ledger = closedAtEnd(openSqliteLedger({ path, masterKeys: keys }));
    let read = 0;
    for await (const { lead } of ledger.listLeads({})) read += lead.email?.endsWith("@example.com") ? 1 : -1_000;
    expect(read).toBeGreaterThanOrEqual(200);
  });

  test("a copy of ledger and keys together is read as the ledger is", async () => {
    const { open, path, keyFile, folder } = await aSealedLedger();
    const ledger = open();
    const lead = ada();
    await ledger.accept(anEntry({ lead }));
    await backUp(path, join(folder, "copy.db"));
    expect(await backUpKeys(keyFile, join(folder, "copy.keys"))).toBeGreaterThan(0);
    await ledger.close();
    renameSync(join(folder, "copy.db"), path);
    renameSync(join(folder, "copy.keys"), keyFile);
    expect((await open().findLead(lead.id))?.lead).toEqual(lead);
  });

  test("a document put in another lead's place is not taken for that lead's", async () => {
    const { open, path } = await aSealedLedger();
    const ledger = open();
    const [lead, other] = [ada(), aLead()];
    for (const one of [lead, other]) await ledger.accept(anEntry({ lead: one }));
    const db = new DatabaseSync(path);
    db.prepare("UPDATE leads SET document = (SELECT document FROM leads WHERE id = ?) WHERE id = ?").run(
      lead.id,
      other.id,
    );
    db.close();
    await expect(ledger.findLead(other.id)).rejects.toThrow(/is another lead's/);
  });
});
