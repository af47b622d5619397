import type { Command } from "commander";

/** Commands that are about where leads go. */
export function destinationsCommands(program: Command): void {
  program
    .command("pause")
    .description("stop sending to a destination; leads for it wait")
    .argument("<destination>", "its id")
    .action(async (id: string) => {
      process.exitCode = await (await import("../pause.ts")).pause(id);
    });

  program
    .command("resume")
    .description("send to a paused destination again")
    .argument("<destination>", "its id")
    .action(async (id: string) => {
      process.exitCode = await (await import("../pause.ts")).resume(id);
    });

  program
    .command("doctor")
    .description("look, without changing anything, whether destinations are ready for leads")
    .argument("[destination]", "its id, or the beginning several share (mail); all when left out")
    .option("--send-to <address>", "send a sample to this address as well, where that is possible (mail)")
    .option("--json", "print one JSON array", false)
    .action(async (id: string | undefined, { json, sendTo }: { json: boolean; sendTo?: string }) => {
      process.exitCode = await (await import("../doctor.ts")).doctor(id, json, sendTo ?? null);
    });

  program
    .command("mail")
    .description("the mails to the team and to the person")
    .command("preview")
    .description("write the mails, as configured and filled with an invented lead, to HTML files")
    .option("--out <folder>", "where to", "./mail-preview")
    .action(async ({ out }: { out: string }) => {
      process.exitCode = await (await import("../preview.ts")).preview(out);
    });

  program
    .command("setup")
    .description("show what a destination lacks for everything to arrive (fields …), and make it")
    .argument("<destination>", "its id")
    .option("--yes", "make what is missing", false)
    .action(async (id: string, { yes }: { yes: boolean }) => {
      process.exitCode = await (await import("../doctor.ts")).setup(id, yes);
    });
}
