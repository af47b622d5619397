import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { describe, expect, test } from "vitest";
import { createProgram } from "../../src/cli/program.ts";
import { aGateway } from "../support/a-gateway.ts";
import { aDelivery, aLead, anEntry } from "../support/a-lead.ts";
import { type Ended, runLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";

/** Every command that can be run, by its words. */
function commandsOf(command: Command, words: string[] = []): { words: string; command: Command }[] {
  return command.commands.flatMap((one) => {
    const all = [...words, one.name()];
    const inner = commandsOf(one, all);
    return inner.length > 0 ? inner : [{ words: all.join(" "), command: one }];
  });
}

const commands = commandsOf(createProgram());
const named = (words: string) => commands.find((one) => one.words === words)?.command;
/** They run until they are stopped, print one thing for a person to copy, or write for a shell. */
const spoken = [
  "start",
  "demo",
  "sign-in",
  "completion bash",
  "completion zsh",
  "completion fish",
  "completion",
  "__complete",
];

describe("one style", () => {
  test.each(commands.filter(({ words }) => !spoken.includes(words)))("leadkeep $words offers --json", ({ command }) => {
    expect(command.options.map(({ long }) => long)).toContain("--json");
  });

  test.each(["init", "replay", "resync", "erase", "import", "retention", "migrate"])(
    "leadkeep %s changes much at once, and offers --dry-run",
    (words) => {
      expect(named(words)?.options.map(({ long }) => long)).toContain("--dry-run");
    },
  );

  test("an option has one meaning, and is described in the same words wherever it is", () => {
    const same = ["--since", "--until", "--form", "--yes"];
    for (const long of same) {
      const kinds = commands.flatMap(({ command }) => command.options.filter((one) => one.long === long));
      expect(new Set(kinds.map(({ flags }) => flags)).size, long).toBe(1);
    }
  });

  test("every command, argument and option is described", () => {
    for (const { words, command } of commands.filter(({ words }) => words !== "__complete")) {
      expect(command.description(), words).not.toBe("");
      for (const argument of command.registeredArguments) expect(argument.description, words).not.toBe("");
      for (const option of command.options) expect(option.description, `${words} ${option.flags}`).not.toBe("");
    }
  });
});

const hostile = "\u001b]0;owned\u0007\u001b[2J\u009b31m\u202e";
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const speaks = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/;

describe("what is on record cannot speak to the terminal", () => {
  /** A ledger that holds what nobody should have sent. */
  async function aHostileFolder(): Promise<{ leadkeep(...args: string[]): Promise<Ended>; lead: string }> {
    const folder = aFolder();
    writeFileSync(join(folder, ".env"), "CRM_WEBHOOK_URL=http://127.0.0.1:9/\nLEADKEEP_LOG_LEVEL=silent\n");
    const { gateway, close } = await aGateway({ dataFolder: join(folder, ".leadkeep") });
    const formData = { email: "a@example.com", note: hostile };
    const other = aLead({
      ...{ email: "a@example.com", phone: `+4420${hostile}`, name: hostile, company: hostile },
      formData,
    });
    const deliveries = [aDelivery({ destination: "webhook", purpose: "enquiry" })];
    await gateway.ledger.accept(anEntry({ lead: other, deliveries }));
    const at = { now: Date.now(), actor: { type: "console" as const, name: hostile } };
    const reason = { code: "blocked", message: hostile };
    await gateway.ledger.pause({ destination: "webhook", since: Date.now(), by: "machine", reason });
    await gateway.ledger.noteWork(other.id, { note: hostile, assignee: hostile }, at);
    await close();
    return { leadkeep: (...args) => runLeadkeep(args, { folder }), lead: other.id };
  }

  test("in no command that shows it", { timeout: 120_000 }, async () => {
    const { leadkeep, lead } = await aHostileFolder();
    const all = [
      ["leads"],
      ["leads", "--json"],
      ["show", lead],
      ["show", lead, "--json"],
      ["show", hostile],
      ["withdraw", hostile, "enquiry"],
      ["grant", lead, hostile],
      ["pause", hostile],
      ["resume", hostile],
      ["resync", hostile],
      ["setup", hostile],
      ["erase", "a@example.com", "--dry-run"],
      ["erase", "a@example.com", "--dry-run", "--json"],
      ["export", "a@example.com", "--json"],
      ["replay", "--dead", "--dry-run"],
      ["retention", "--dry-run"],
      ["resync", "webhook", "--dry-run"],
      ["alerts"],
      ["erase", "a@example.com", "--yes"],
    ];
    for (const args of all) {
      const { stdout, stderr } = await leadkeep(...args);
      expect(stdout + stderr, args.join(" ")).not.toMatch(speaks);
    }
  });
});

describe("--dry-run and --json", () => {
  test("replay shows what it would send again, and changes nothing", async () => {
    const folder = aFolder();
    const { gateway, close } = await aGateway({ dataFolder: join(folder, ".leadkeep") });
    const lead = aLead({});
    await gateway.ledger.accept(anEntry({ lead, deliveries: [aDelivery({ destination: "webhook" })] }));
    await close();
    const id = `dlv_${lead.id.slice("lead_".length)}_webhook`;
    const gone = `${id.slice(0, -"webhook".length)}zapier`;
    const { code, stdout } = await runLeadkeep(["replay", id, gone, "--dry-run"], { folder });
    expect([code, stdout.trimEnd().split("\n")]).toEqual([
      0,
      [
        expect.stringMatching(/^destination +state +deliveries +reason$/),
        expect.stringMatching(/^webhook +pending +1$/),
        expect.stringMatching(/^zapier +not on record +1$/),
        "Nothing has been changed.",
      ],
    ]);
    const done = await runLeadkeep(["replay", id, gone, "--json"], { folder });
    expect(done.code).toBe(1);
    expect(JSON.parse(done.stdout)).toMatchObject({ replayed: [id], refused: [{ id: gone }], dry_run: false });
  });

  test("pause, resume and grant tell scripts what they did", async () => {
    const folder = aFolder();
    writeFileSync(join(folder, ".env"), "CRM_WEBHOOK_URL=https://example.com/\n");
    const { gateway, close } = await aGateway({ dataFolder: join(folder, ".leadkeep") });
    const lead = aLead({});
    await gateway.ledger.accept(anEntry({ lead, deliveries: [] }));
    await close();
    const json = async (...args: string[]) => JSON.parse((await runLeadkeep([...args, "--json"], { folder })).stdout);
    expect(await json("pause", "webhook")).toEqual({ destination: "webhook", paused: true });
    expect(await json("resume", "webhook")).toEqual({ destination: "webhook", paused: false, resumed: true });
    expect(await json("grant", lead.id, "enquiry")).toMatchObject({
      lead_id: lead.id,
      purpose: "enquiry",
      released: [],
    });
  });
});
