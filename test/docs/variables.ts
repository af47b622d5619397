import { globSync, readFileSync } from "node:fs";
import { environment } from "../../src/config/environment.ts";
import { type Block, type Page, place, proseOf, root } from "./blocks.ts";

/** What else reads variables of ours: the files in `deploy/`, measurements, long tests. */
const readers = globSync(["deploy/**/*.{yml,yaml,toml,service}", "{bench,test/destinations}/**/*.ts"], { cwd: root })
  .map((path) => readFileSync(root + path, "utf8"))
  .join("\n");
/** Variables of shells and hosts, and those the docs' own examples choose. */
const others = /^(?:PATH|HOME|NODE_ENV|NODE_OPTIONS|LEADKEEP_URL|ORIGIN|TOKEN|OTEL_[A-Z_]+)$/;

/** True for a variable that the program reads (`X_FILE` included), or that something of ours beside it does. */
export function isVariable(name: string): boolean {
  return (
    name.replace(/_FILE$/, "") in environment.shape || others.test(name) || new RegExp(`\\b${name}\\b`).test(readers)
  );
}

/** Variables of `env` blocks that nothing reads. */
export function unreadVariables(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) =>
    [...block.text.matchAll(/^(?:export )?([A-Za-z_]\w*)=/gm)]
      .map(([, name = ""]) => name)
      .filter((name) => !isVariable(name))
      .map((name) => `${place(block)}: ${name}`),
  );
}

/** Variables of ours that a sentence names and nothing reads. */
export function unreadInProse(pages: readonly Page[]): string[] {
  return pages.flatMap((page) =>
    [
      ...proseOf(page).matchAll(
        /`((?:LEADKEEP|HUBSPOT|PIPEDRIVE|GOOGLE|SMTP|MAIL|CRM|ZAPIER|MAKE)_[A-Z_]*[A-Z])(?:=[^`\n]*)?`/g,
      ),
    ]
      .map(([, name = ""]) => name)
      .filter((name) => !isVariable(name))
      .map((name) => `${page.path}: ${name}`),
  );
}
