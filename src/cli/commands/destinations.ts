import type { Command } from "commander";
import type { DoctorOptions } from "../doctor.ts";

/** Commands that are about where leads go. */
export function destinationsCommands(program: Command): void {
  program
    .command("pause")
    .description("stop sending to a destination; leads for it wait")
    .argument("<destination>", "its id, such as hubspot; leadkeep doctor names them all")
    .option("--json", "print one JSON object", false)
    .action(async (id: string, { json }: { json: boolean }) => {
      process.exitCode = await (await import("../pause.ts")).pause(id, json);
    });

  program
    .command("resume")
    .description("send to a paused destination again")
    .argument("<destination>", "its id, such as hubspot; leadkeep doctor names them all")
    .option("--json", "print one JSON object", false)
    .action(async (id: string, { json }: { json: boolean }) => {
      process.exitCode = await (await import("../pause.ts")).resume(id, json);
    });

  program
    .command("doctor")
    .description("look, without changing anything, whether the gateway and its destinations are ready for leads")
    .argument(
      "[destination]",
      "its id, such as hubspot, or the beginning several share (mail); everything when left out",
    )
    .option("--send-to <address>", "send a sample to this address as well, where that is possible (mail)")
    .option("--probe", "send one marked lead through everything, and wait for each verdict", false)
    .option("--json", "print one JSON array", false)
    .action(async (id: string | undefined, options: DoctorOptions) => {
      process.exitCode = await (await import("../doctor.ts")).doctor(id, options);
    });

  program
    .command("mail")
    .description("look at the mails to the team and to the person")
    .command("preview")
    .description("write the mails, as configured and filled with an invented lead, to HTML files")
    .option("--out <folder>", "where to", "./mail-preview")
    .option("--json", "print one JSON array", false)
    .action(async ({ out, json }: { out: string; json: boolean }) => {
      process.exitCode = await (await import("../preview.ts")).preview(out, json);
    });

  program
    .command("setup")
    .description("show what is missing at a destination (fields, columns …), and make it with --yes")
    .argument("<destination>", "its id, such as hubspot; leadkeep doctor names them all")
    .option("--yes", "make what is missing", false)
    .option("--json", "print one JSON object", false)
    .action(async (id: string, options: { yes: boolean; json: boolean }) => {
      process.exitCode = await (await import("../doctor.ts")).setup(id, options);
    });
}
