import type { Defence } from "./defence.ts";

const diskFull = "test/faults/disk-full.test.ts";
const failingDisk = "test/faults/failing-disk.test.ts";
const ledgerGone = "test/faults/ledger-gone.test.ts";
const dnsOutage = "test/faults/dns-outage.test.ts";
const descriptors = "test/faults/descriptors.test.ts";
const sqliteError = "src/ledger/sqlite/sqlite-error.ts";

/** The machine under it. */
export const faults: readonly Defence[] = [
  {
    name: "disk full: it is known for what it is",
    file: sqliteError,
    take: '13: { cause: "the disk is full", cure: cures.freeSpace },',
    put: "",
    tests: [diskFull, `${failingDisk} > the disk is full (ENOSPC)`],
  },
  {
    name: "EIO: it is known for what it is",
    file: sqliteError,
    take: '10: { cause: "the disk reported an error", cure: cures.repair },',
    put: "",
    tests: [`${failingDisk} > the disk reports an error when it is written to (EIO)`],
  },
  {
    name: "EIO on fsync: nobody is thanked before it is on the disk",
    file: "src/ledger/sqlite/open-database.ts",
    take: "PRAGMA synchronous = FULL;",
    put: "PRAGMA synchronous = OFF;",
    tests: [`${failingDisk} > the disk reports an error when a commit is to be made durable`],
  },
  {
    name: "EIO: what failed is rolled back",
    file: "src/ledger/sqlite/commit-queue.ts",
    take: "if (db.isTransaction) rollback.run();",
    put: "if (db.isTransaction && batch.length === 0) rollback.run();",
    tests: ["src/ledger/sqlite/commit-queue.test.ts"],
  },
  {
    name: "out-of-memory kill: nobody is thanked before the commit",
    file: "src/intake/intake.ts",
    take: "return acceptedReply(exchange, await keep(entry, verdict), location);",
    put: [
      "setTimeout(() => keep(entry, verdict).catch(() => {}), 50);",
      "    return acceptedReply(exchange, entry.lead.id, location);",
    ].join("\n"),
    tests: ["test/faults/out-of-memory.test.ts"],
  },
  {
    name: "the ledger's file is moved away",
    file: "src/ledger/sqlite/own-file.ts",
    take: "if (names.every((name, n) => identityOf(name) === opened[n])) return;",
    put: "if (names.length > opened.length - 1) return;",
    tests: [ledgerGone],
  },
  {
    name: "the ledger's file is deleted: it is rescued",
    file: "src/ledger/sqlite/own-file.ts",
    take: "if (!existsSync(path)) rescueSoon();",
    put: "",
    tests: [`${ledgerGone} > the ledger's file is deleted`],
  },
  {
    name: "DNS outage: leads wait",
    file: "src/model/network-error.ts",
    take: 'return { type: sent ? "uncertain" : "retry", reason };',
    put: 'return { type: sent ? "uncertain" : "rejected", reason };',
    tests: [dnsOutage],
  },
  {
    name: "descriptors run out: keeping a lead takes none",
    file: "src/ledger/sqlite/commit-queue.ts",
    take: "begin.run();",
    put: 'const { openSync, closeSync } = process.getBuiltinModule("node:fs");\n      closeSync(openSync(path, "r"));\n      begin.run();',
    tests: [descriptors],
  },
  {
    name: "descriptors run out: a crowd of connections is bounded",
    file: "src/server/crowd.ts",
    take: "if (open.size > most)",
    put: "if (open.size > most * 1_000)",
    tests: ["test/attacks/slow-and-many.test.ts > many connections: beyond the limit"],
  },
];
