import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import type { Variables } from "../../config/environment.ts";
import { captchaChecks } from "../../gateway.ts";
import { checkRetention } from "../../privacy/retention-check.ts";
import type { Check } from "./check.ts";
import { checkClock } from "./clock.ts";
import { checkConfiguration } from "./configuration.ts";
import { checkEncryption } from "./encryption.ts";
import { checkFileModes } from "./file-modes.ts";
import { checkQueue, dueSince } from "./ledger-checks.ts";
import { checkNodeVersion } from "./node-version.ts";
import { checkOrigins } from "./origins.ts";
import { checkPublicAddress } from "./public-address.ts";
import { checkRunning } from "./running-gateway.ts";
import { checkSecrets } from "./secrets.ts";
import { checkStorage } from "./storage.ts";

/** What is looked at of the gateway itself, before its destinations. Another topic is another line. */
export const checksBefore: readonly Check[] = [
  { topic: "node", look: () => [checkNodeVersion(process.versions.node, leastNode())] },
  { topic: "configuration", look: ({ options }) => [checkConfiguration(options)] },
  {
    topic: "secrets",
    look: ({ variables, options }) =>
      checkSecrets(variables, { example: exampleVariables(), shared: options.databaseUrl !== null }),
  },
  {
    topic: "files",
    look: ({ folder, options, variables }) =>
      checkFileModes({ folder, dataFolder: options.dataFolder, files: secretFiles(variables) }),
  },
  { topic: "encryption", look: ({ ledger, options }) => checkEncryption(ledger?.sealing, options.masterKeys) },
  { topic: "storage", look: ({ options }) => checkStorage(options.dataFolder, options.databaseUrl === null) },
  {
    topic: "queue",
    look: ({ ledger, options, now }) => (ledger ? checkQueue(ledger, options, now()) : []),
  },
  {
    topic: "gateway",
    look: async ({ running, ledger, options, now }) => [
      checkRunning(running, {
        dueSince: ledger ? await dueSince(ledger, options) : null,
        worker: options.worker,
        now: now(),
      }),
    ],
  },
  { topic: "public", look: ({ options, own }) => checkPublicAddress(options, own) },
  { topic: "origins", look: ({ options }) => [checkOrigins(options)] },
];

/** What is looked at after the destinations: the clock is compared with theirs. */
export const checksAfter: readonly Check[] = [
  { topic: "clock", look: ({ clock, ledger, now }) => checkClock(clock, ledger?.together ?? null, now) },
  { topic: "captcha", look: ({ options, own }) => captchaChecks(options, own) },
  { topic: "retention", look: ({ options }) => checkRetention(options.retention) },
];

/** The oldest Node this program runs on, as its package says. */
export function leastNode(): string {
  const { engines } = JSON.parse(readFileSync(inPackage("package.json"), "utf8")) as { engines: { node: string } };
  return engines.node.replace(/[^\d.]/g, "");
}

function exampleVariables(): Variables {
  const file = inPackage(".env.example");
  return existsSync(file) ? parseEnv(readFileSync(file, "utf8")) : {};
}

/** Files of the operator's own that hold secrets. Those a container runtime mounts are not theirs to change. */
function secretFiles(variables: Variables): string[] {
  return Object.entries(variables).flatMap(([name, file]) => {
    const isSecret = /_FILE$/.test(name) && /SECRET|PASSWORD|TOKEN|KEY|URL/.test(name);
    return isSecret && file && !file.startsWith("/run/secrets/") && existsSync(file) ? [file] : [];
  });
}

function inPackage(name: string): URL {
  return new URL(`../../../${name}`, import.meta.url);
}
