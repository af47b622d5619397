import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { candidatesFor } from "../../src/cli/completion/candidates.ts";
import { shells } from "../../src/cli/completion/scripts.ts";
import { createProgram } from "../../src/cli/program.ts";
import { aSiteFolder } from "../support/a-site-folder.ts";
import { commandFile, runLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";

const names = {
  destinations: async () => ["hubspot", "sheets", "webhook"],
  forms: async () => ["contact", "quote"],
};
const offered = async (...words: string[]) =>
  (await candidatesFor(createProgram(), words, names)).map(({ value }) => value);

describe("what may follow", () => {
  test.each<[string[], string[]]>([
    [["le"], ["leads"]],
    [["mail", ""], ["preview"]],
    [
      ["pause", ""],
      ["hubspot", "sheets", "webhook"],
    ],
    [["pause", "s"], ["sheets"]],
    [
      ["resync", "webhook", "--form", ""],
      ["contact", "quote"],
    ],
    [
      ["leads", "--state", ""],
      ["active", "quarantined", "erased"],
    ],
    [["leads", "--state=qu"], ["--state=quarantined"]],
    [["leads", "--state", "=", "er"], ["erased"]],
    [["leads", "--destination", "web"], ["webhook"]],
    [["leads", "--json", "--j"], []],
    [["init", "--destination", "hubspot", "--destination", "sh"], ["sheets"]],
    [
      ["completion", ""],
      ["bash", "zsh", "fish"],
    ],
    [["show", ""], []],
    [["backup", ""], []],
    [["nonsense", "--x"], []],
  ])("after %j", async (words, expected) => {
    expect(await offered(...words)).toEqual(expected);
  });

  test("every command is offered, and nothing that is hidden", async () => {
    const visible = createProgram().commands.filter((one) => !one.name().startsWith("__"));
    expect(await offered("")).toEqual(visible.map((one) => one.name()));
  });

  test("options are offered with what they mean, those that are gathered again and again", async () => {
    const found = await candidatesFor(createProgram(), ["init", "--destination", "hubspot", "--d"], names);
    expect(found).toContainEqual({ value: "--destination", about: "where leads go; once for each" });
    expect(found.map(({ value }) => value)).toContain("--dry-run");
  });
});

/** What a real bash has in COMPREPLY after the tab key at the end of this line. */
async function tabInBash(folder: string, words: string[]): Promise<string[]> {
  const bin = aFolder();
  writeFileSync(join(bin, "leadkeep"), `#!/bin/sh\nexec "${process.execPath}" "${commandFile}" "$@"\n`, {
    mode: 0o755,
  });
  const script = `
    eval "$(leadkeep completion bash)"
    complete -p leadkeep >/dev/null || exit 3
    COMP_WORDS=(leadkeep "$@")
    COMP_CWORD=$#
    _leadkeep
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = { PATH: `${bin}${delimiter}${process.env.PATH}` };
  const { stdout } = await promisify(execFile)("bash", ["-c", script, "bash", ...words], { cwd: folder, env });
  return stdout.split("\n").filter((line) => line !== "");
}

test("bash completes commands, choices, and the names of the configuration of the folder it stands in", async () => {
  const folder = aSiteFolder({
    "package.json": { type: "module" },
    ".env": "CRM_WEBHOOK_URL=https://example.com/\n",
    "leadkeep.config.js":
      'import { defineConfig } from "leadkeep";\nexport default defineConfig({ forms: { "call-back": {} } });\n',
  });
  expect(await tabInBash(folder, ["exp"])).toEqual(["export"]);
  expect(await tabInBash(folder, ["pause", ""])).toEqual(["webhook"]);
  expect(await tabInBash(folder, ["leads", "--form", ""])).toEqual(["call-back"]);
  expect(await tabInBash(folder, ["leads", "--delivery", "de"])).toEqual(["delivered", "dead"]);
});

test("a configuration that is broken costs the names, and nothing is said of it", async () => {
  const folder = aFolder();
  writeFileSync(join(folder, "leadkeep.config.mjs"), "export default {");
  expect(await runLeadkeep(["__complete", "--", "pause", ""], { folder })).toEqual({ code: 0, stdout: "", stderr: "" });
});

test.each(shells)("%s takes its script, where it is installed", async (shell) => {
  const { stdout, code } = await runLeadkeep(["completion", shell], { folder: aFolder() });
  expect(code).toBe(0);
  expect(stdout).toContain("__complete --");
  const isThere = spawnSync(shell, ["-c", "true"]).status === 0;
  if (isThere)
    expect(spawnSync(shell, ["-n"], { input: stdout, encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
});
