import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { readLock } from "./sbom.ts";

// Asks the registry when what we depend on at run time was published, and ends with 1 when a version is younger than a week and no reason
// stands here. A week is how long most malicious releases have taken to be found. What those depend on in turn is not looked
// at. Not a part of `npm test`: it needs the network.

/** Versions taken before they were a week old, and why. */
const reasons: Record<string, string> = {
  "jose@6.2.18":
    "Its difference to 6.2.17 was read: decryption, error classes, one date word and a check of AKP keys. SignJWT, which is all we use, is the same.",
};

const weekMs = 7 * 24 * 3_600_000;
const run = promisify(execFile);

const { dependencies, optionalDependencies } = JSON.parse(
  readFileSync(new URL("../package.json", import.meta.url), "utf8"),
) as Record<"dependencies" | "optionalDependencies", Record<string, string>>;
const lock = readLock();

let young = 0;
for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
  const version = lock[`node_modules/${name}`]?.version ?? "";
  const { stdout } = await run("npm", ["view", `${name}@${version}`, "time", "--json"]);
  const published = Date.parse((JSON.parse(stdout) as Record<string, string>)[version] ?? "");
  const days = ((Date.now() - published) / (weekMs / 7)).toFixed(1);
  const reason = reasons[`${name}@${version}`];
  const isYoung = !(Date.now() - published >= weekMs);
  if (isYoung && !reason) young += 1;
  console.log(
    `${isYoung ? (reason ? "pinned " : "YOUNG  ") : "       "}${name}@${version}: ${days} days${isYoung && reason ? `. ${reason}` : ""}`,
  );
}
process.exitCode = young > 0 ? 1 : 0;
