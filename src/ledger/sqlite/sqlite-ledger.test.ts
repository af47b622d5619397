import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { aDelivery, aLead, anEntry } from "../../../test/support/a-lead.ts";
import { startNode } from "../../../test/support/node-process.ts";
import { aConnection, aFolder, countCommits } from "../../../test/support/sqlite-file.ts";
import { LedgerUnavailable } from "../../model/errors.ts";
import type { LeadId } from "../../model/id.ts";
import type { Ledger } from "../ledger.ts";
import { asUnavailable } from "./sqlite-error.ts";
import { openSqliteLedger, type SqliteLedgerOptions } from "./sqlite-ledger.ts";

function aLedger(options: Partial<SqliteLedgerOptions> = {}): { path: string; ledger: Ledger } {
  const path = options.path ?? join(aFolder(), "leadkeep.db");
  const ledger = openSqliteLedger({ path, ...options });
  onTestFinished(() => ledger.close());
  return { path, ledger };
}

async function idsIn(ledger: Ledger): Promise<LeadId[]> {
  const ids: LeadId[] = [];
  for await (const { lead } of ledger.listLeads({})) ids.push(lead.id);
  return ids;
}

test("500 submissions at once cost one commit, not 500", async () => {
  const { path, ledger } = aLedger();
  const accepts = () => Promise.all(Array.from({ length: 500 }, () => ledger.accept(anEntry())));
  expect(await countCommits(path, accepts)).toBe(1);
});

describe("a lock held by another process", () => {
  /** Resolves once a real process holds the write lock. */
  async function aLockHolder(path: string) {
    const holder = startNode(`
      import { once } from "node:events";
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(path)});
      db.exec("BEGIN IMMEDIATE");
      console.log("locked");
      await once(process.stdin, "data");
      db.exec("COMMIT");
      process.exit(0);`);
    await holder.printed(1);
    return holder;
  }

  test("makes submissions wait, and they go through when it lets go", async () => {
    const { path, ledger } = aLedger({ patienceMs: 20_000 });
    const holder = await aLockHolder(path);
    const entries = Array.from({ length: 5 }, () => anEntry());
    let settled = 0;
    const accepts = entries.map((entry) => ledger.accept(entry).finally(() => settled++));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(settled).toBe(0);
    holder.tell("let go");
    await Promise.all(accepts);
    expect((await idsIn(ledger)).toSorted()).toEqual(entries.map(({ lead }) => lead.id).toSorted());
  });

  test("for too long refuses them, with nothing written, and the ledger goes on afterwards", async () => {
    const { path, ledger } = aLedger({ patienceMs: 50 });
    const holder = await aLockHolder(path);
    await expect(ledger.accept(anEntry())).rejects.toThrow(LedgerUnavailable);
    await expect(ledger.checkWritable()).rejects.toThrow(LedgerUnavailable);
    holder.tell("let go");
    await holder.exited;
    expect(await idsIn(ledger)).toEqual([]);
    const entry = anEntry();
    await ledger.accept(entry);
    expect(await idsIn(ledger)).toEqual([entry.lead.id]);
  });

  test("and dropped by its death does not outlive it", async () => {
    const { path, ledger } = aLedger({ patienceMs: 20_000 });
    const holder = await aLockHolder(path);
    const accept = ledger.accept(anEntry());
    holder.kill("SIGKILL");
    expect(await accept).toMatchObject({ repeated: false });
  });

  test("does not keep anyone from reading", async () => {
    const { path, ledger } = aLedger();
    const entry = anEntry();
    await ledger.accept(entry);
    const holder = await aLockHolder(path);
    expect(await idsIn(ledger)).toEqual([entry.lead.id]);
    expect(await ledger.nextDue("crm")).toBe(entry.lead.receivedAt);
    holder.tell("let go");
    await holder.exited;
  });
});

describe("a killed process", () => {
  test("loses no lead it was told is kept, and leaves none without its deliveries", { timeout: 120_000 }, async () => {
    const { path, ledger } = aLedger();
    const urlOf = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    const code = `
      import { writeSync } from "node:fs";
      const { openSqliteLedger } = await import(${urlOf("./sqlite-ledger.ts")});
      const { aDelivery, anEntry } = await import(${urlOf("../../../test/support/a-lead.ts")});
      const ledger = openSqliteLedger({ path: ${JSON.stringify(path)}, patienceMs: 20_000 });
      const deliveries = ["crm", "mail", "sheet"].map((destination) => aDelivery({ destination }));
      async function acceptForEver() {
        for (;;) writeSync(1, (await ledger.accept(anEntry({ deliveries }))).leadId + "\\n");
      }
      for (let i = 0; i < 16; i++) acceptForEver();`;
    for (const enough of [50, 150, 300]) {
      const victim = startNode(code);
      await victim.printed(enough);
      victim.kill("SIGKILL");
      expect(await victim.exited).toBe("SIGKILL");
      const kept = new Set<string>(await idsIn(ledger));
      expect(victim.lines.filter((id) => !kept.has(id))).toEqual([]);
    }
    for await (const { deliveries } of ledger.listLeads({})) {
      expect(deliveries.map(({ destination }) => destination)).toEqual(["crm", "mail", "sheet"]);
    }
    expect(aConnection(path).prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  });
});

describe("a full disk", () => {
  const whyNot = whyNoSmallDisk();
  beforeEach(({ skip }) => skip(whyNot !== null, whyNot ?? undefined));

  /** A ledger on a file system of two megabytes of its own. */
  function aLedgerOnASmallDisk() {
    const disk = join(aFolder(), "disk");
    mkdirSync(disk);
    run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk);
    onTestFinished(() => run("umount", disk));
    const filler = join(disk, "filler");
    const { ledger } = aLedger({ path: join(disk, "leadkeep.db") });
    return { ledger, fill: () => fill(filler), free: () => rmSync(filler) };
  }

  /** Accepts one after another until one is refused. */
  async function acceptUntilRefused(ledger: Ledger) {
    const kept: LeadId[] = [];
    for (;;) {
      const entry = anEntry({ lead: aLead({ message: "x".repeat(20_000) }), deliveries: [aDelivery()] });
      try {
        kept.push((await ledger.accept(entry)).leadId);
      } catch (error) {
        return { kept, refused: entry, error };
      }
    }
  }

  test("refuses submissions as unavailable and keeps every one accepted before", async () => {
    const { ledger, fill } = aLedgerOnASmallDisk();
    await ledger.accept(anEntry());
    const [first] = await idsIn(ledger);
    fill();
    const { kept, refused, error } = await acceptUntilRefused(ledger);
    expect(error).toBeInstanceOf(LedgerUnavailable);
    expect(await ledger.findLead(refused.lead.id)).toBeNull();
    expect(await idsIn(ledger)).toEqual([first, ...kept].toReversed());
  });

  test("refuses all of many at once, and half of none is on record", async () => {
    const { ledger, fill } = aLedgerOnASmallDisk();
    fill();
    await acceptUntilRefused(ledger);
    const before = await idsIn(ledger);
    const many = Array.from({ length: 50 }, () => anEntry({ lead: aLead({ message: "x".repeat(20_000) }) }));
    const results = await Promise.allSettled(many.map((entry) => ledger.accept(entry)));
    expect(new Set(results.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(await idsIn(ledger)).toEqual(before);
  });

  test("is told by checkWritable", async () => {
    const { ledger, fill, free } = aLedgerOnASmallDisk();
    fill();
    await expect(writableUntilRefused(ledger)).rejects.toThrow(LedgerUnavailable);
    free();
    await ledger.checkWritable();
  });

  test("with space again takes submissions without being opened anew", async () => {
    const { ledger, fill, free } = aLedgerOnASmallDisk();
    fill();
    const { kept, refused } = await acceptUntilRefused(ledger);
    free();
    expect(await ledger.accept(refused)).toEqual({ leadId: refused.lead.id, repeated: false });
    expect(await idsIn(ledger)).toEqual([...kept, refused.lead.id].toReversed());
  });
});

describe("files that may not be written any more", () => {
  const whyNot = whyNoImmutableFiles();

  test("refuse submissions as unavailable; with leave again the ledger goes on without being opened anew", async ({
    skip,
  }) => {
    skip(whyNot !== null, whyNot ?? undefined);
    const path = join(aFolder(), "leadkeep.db");
    const { ledger } = aLedger({ path });
    await ledger.accept(anEntry());
    const [kept] = await idsIn(ledger);
    const refused = anEntry();
    // Not the shared-memory file: a write to its mapping would end the process, as it would on a disk turned read-only.
    const files = [path, `${path}-wal`];
    run("chattr", "+i", ...files);
    try {
      await expect(ledger.accept(refused)).rejects.toThrow(LedgerUnavailable);
      await expect(ledger.checkWritable()).rejects.toThrow(LedgerUnavailable);
    } finally {
      run("chattr", "-i", ...files);
    }
    await ledger.accept(refused);
    expect(await idsIn(ledger)).toEqual([refused.lead.id, kept]);
  });

  test("opened read-only say so, as trouble of the place and not of the program", () => {
    const path = join(aFolder(), "leadkeep.db");
    new DatabaseSync(path).exec("CREATE TABLE t (a)");
    const db = new DatabaseSync(path, { readOnly: true });
    let thrown: unknown;
    try {
      db.exec("INSERT INTO t VALUES (1)");
    } catch (error) {
      thrown = asUnavailable(error, path);
    }
    expect(thrown).toBeInstanceOf(LedgerUnavailable);
    expect(String(thrown)).toMatch(/read-only/);
  });
});

/** Why this machine cannot make a file immutable; null when it can. */
function whyNoImmutableFiles(): string | null {
  const file = join(mkdtempSync(join(tmpdir(), "leadkeep-immutable-")), "file");
  writeFileSync(file, "");
  try {
    run("chattr", "+i", file);
    run("chattr", "-i", file);
    return null;
  } catch {
    return "it makes files immutable, which needs root, chattr and a file system that can";
  } finally {
    rmSync(dirname(file), { recursive: true, force: true });
  }
}

/** The log has some room left in its last page; a check uses that up first. */
async function writableUntilRefused(ledger: Ledger): Promise<void> {
  for (let i = 0; i < 100; i++) await ledger.checkWritable();
}

function run(command: string, ...parameters: string[]): void {
  execFileSync(command, parameters, { stdio: "pipe" });
}

/** Writes until there is no byte left. */
function fill(file: string): void {
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
    }
  }
}

/** Why this machine cannot mount a small file system; null when it can. */
function whyNoSmallDisk(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return "they mount a file system, which needs root on Linux";
  try {
    run("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt");
    return null;
  } catch {
    return "this machine does not let root mount a file system";
  }
}
