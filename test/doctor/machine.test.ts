import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkFileModes } from "../../src/cli/doctor/file-modes.ts";
import { checkNodeVersion } from "../../src/cli/doctor/node-version.ts";
import { checkStorage } from "../../src/cli/doctor/storage.ts";
import { aFolder } from "../support/sqlite-file.ts";

test.each([
  ["22.19.0", "ok"],
  ["24.0.0", "ok"],
  ["22.18.9", "problem"],
  ["20.19.5", "problem"],
] as const)("Node %s is %s", (version, result) => {
  expect(checkNodeVersion(version, "22.19")).toMatchObject({
    result,
    ...(result === "problem" ? { cure: expect.stringContaining("Install Node 22.19") } : {}),
  });
});

function aHome(): { folder: string; dataFolder: string } {
  const folder = aFolder();
  const dataFolder = join(folder, ".leadkeep");
  mkdirSync(dataFolder, { mode: 0o700 });
  return { folder, dataFolder };
}

test("files that hold secrets are fine while they are this user's only", () => {
  const { folder, dataFolder } = aHome();
  writeFileSync(join(folder, ".env"), "", { mode: 0o600 });
  writeFileSync(join(dataFolder, "ledger.db"), "", { mode: 0o644 });
  expect(checkFileModes({ folder, dataFolder }, "linux")).toMatchObject([{ result: "ok" }]);
});

test("a .env, a secret and a file named by a variable that others can read are told with the mode to give them", () => {
  const { folder, dataFolder } = aHome();
  const token = join(folder, "token");
  for (const path of [join(folder, ".env"), join(dataFolder, "secret"), token]) {
    writeFileSync(path, "");
    chmodSync(path, 0o644);
  }
  chmodSync(dataFolder, 0o755);
  const results = checkFileModes({ folder, dataFolder, files: [token] }, "linux");
  expect(results.map(({ result, cure }) => [result, cure])).toEqual([
    ["warning", `chmod 600 ${join(folder, ".env")}`],
    ["warning", `chmod 700 ${dataFolder}`],
    ["problem", `chmod 600 ${join(dataFolder, "secret")}`],
    ["warning", `chmod 600 ${token}`],
  ]);
  expect(checkFileModes({ folder, dataFolder }, "win32")).toEqual([]);
});

const ext4 = { type: 0xef53, bsize: 4_096, bavail: 10_000_000 };
const disk = (given: Partial<typeof ext4> = {}, write: () => number = () => 1) => ({
  statfs: () => ({ ...ext4, ...given }),
  write,
});
const refused = (code: string) => () => {
  throw Object.assign(new Error("no"), { code });
};

test("a folder is really written to, and nothing of it stays", () => {
  const folder = aFolder();
  expect(checkStorage(folder, true)[0]).toMatchObject({ result: "ok", detail: expect.stringContaining("on disk in") });
  expect(checkFileModes({ folder, dataFolder: join(folder, "none") }, "linux")).toMatchObject([{ result: "ok" }]);
});

test("a data folder that is made later is told from one that cannot be made", () => {
  const folder = aFolder();
  expect(checkStorage(join(folder, "a", "b"), true)[0]?.detail).toContain("made on first start");
});

test.each([
  ["EACCES", "LEADKEEP_DATA"],
  ["ENOSPC", "free some space"],
  ["EROFS", "mount a volume"],
])("a folder that answers %s is a problem with its cure", (code, cure) => {
  const results = checkStorage(aFolder(), true, disk({}, refused(code)));
  expect(results).toMatchObject([{ result: "problem", cure: expect.stringContaining(cure) }]);
});

test.each([
  ["slow", disk({}, () => 900), "data folder", "warning", "local disk"],
  ["on NFS", disk({ type: 0x6969 }), "disk", "problem", "DATABASE_URL"],
  ["in memory", disk({ type: 0x01021994 }), "disk", "warning", "real disk"],
  ["a container's own layer", disk({ type: 0x794c7630 }), "disk", "warning", "volume"],
  ["nearly full", disk({ bavail: 10_000 }), "disk space", "problem", "Free some space"],
  ["filling up", disk({ bavail: 100_000 }), "disk space", "warning", "Free some space"],
])("a disk that is %s is told, with its cure", (_, given, what, result, cure) => {
  const found = checkStorage(aFolder(), true, given).find((one) => one.what === what);
  expect(found).toMatchObject({ result, cure: expect.stringContaining(cure) });
});

test("where the ledger is in Postgres, the kind of disk does not matter", () => {
  const results = checkStorage(aFolder(), false, disk({ type: 0x6969 }));
  expect(results.map(({ result }) => result)).toEqual(["ok", "ok"]);
});
