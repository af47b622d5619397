import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadConfig } from "../config/load-config.ts";
import { LeadkeepError } from "../model/errors.ts";
import { sampleLead } from "../model/sample-lead.ts";
import { jsonText, plain, print, printAside } from "./output.ts";

/** `leadkeep mail preview`: writes what people would see of a lead, page by page, into `folder`. 1 when nothing is configured. */
export async function preview(folder: string, json: boolean): Promise<number> {
  const { destinations } = await loadConfig(process.cwd(), process.env);
  const lead = sampleLead(Date.now());
  const pages: { file: string; title: string; html: string }[] = [];
  for (const { id, preview } of destinations) {
    const previews = (await preview?.(lead)) ?? [];
    for (const { name, title, html } of previews) pages.push({ file: `${id}-${name}.html`, title, html });
  }
  if (pages.length === 0) {
    printAside("No mail is configured. Set SMTP_URL and MAIL_FROM, and MAIL_TO for the mail to the team.");
    return 1;
  }
  try {
    mkdirSync(folder, { recursive: true });
    for (const { file, html } of pages) writeFileSync(join(folder, file), html);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new LeadkeepError("cannot_write", `The previews cannot be written to ${plain(folder)}${code}.`);
  }
  const written = pages.map(({ file, title }) => ({ file: join(folder, file), title }));
  if (json) print(jsonText(written, 2));
  else for (const { file, title } of written) print(`${plain(file)}  ${plain(title)}`);
  return 0;
}
