import type { Command } from "commander";

/** Commands that run a gateway. */
export function runningCommands(program: Command): void {
  program
    .command("start")
    .description("run the gateway: it takes what forms post and delivers it, until it is told to stop")
    .addHelpText(
      "after",
      "\nHOST (127.0.0.1) and PORT (8787) say where it listens; .env and leadkeep.config.ts of this folder say the rest.",
    )
    .action(async () => (await import("../start.ts")).start());

  program
    .command("demo")
    .description(
      "try everything locally: a site with a form, sandbox vendors that can be made to fail, no account needed",
    )
    .addHelpText(
      "after",
      "\nPORT (8787) is the gateway's and LEADKEEP_SANDBOX_PORT (8788) the sandbox's; 0 is any free one.",
    )
    .action(async () => (await import("../demo.ts")).demo());

  program
    .command("alerts")
    .description("show what is wrong just now, and what to do; ends with 1 when something is")
    .option("--json", "print one JSON object, with what is over too", false)
    .action(async ({ json }: { json: boolean }) => {
      process.exitCode = await (await import("../alerts.ts")).alerts(json);
    });

  program
    .command("sign-in")
    .description("print a link that signs in to the console as owner, once, within 24 hours")
    .action(async () => (await import("../sign-in.ts")).signIn());
}
