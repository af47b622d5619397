import { writeFileSync } from "node:fs";
import { jsonText, plain, print, printAside } from "./output.ts";
import { commandActor } from "./with-ledger.ts";
import { printNobody, printRelated, withPerson } from "./with-person.ts";

/**
 * `leadkeep export <email|phone>`: writes everything on record of a person to a zip that only this user can read, or prints it as
 * JSON. 1 when there is nobody of that name, or the file cannot be written.
 */
export function exportPerson(text: string, out: string | null, json: boolean): Promise<number> {
  return withPerson(text, async (identifier, rights) => {
    const subject = await rights.find(identifier);
    if (subject.leads.length === 0) {
      printNobody(identifier);
      printRelated(subject);
      return 1;
    }
    if (json) {
      print(jsonText(await rights.exportJson(subject, commandActor), 2));
    } else {
      const file = out ?? defaultName();
      const bytes = await rights.export(subject, commandActor);
      try {
        writeFileSync(file, bytes, { flag: "wx", mode: 0o600 });
      } catch (error) {
        printAside(`${plain(file)} ${whyNot(error)} Name another with --out.`);
        return 1;
      }
      print(`${leadsText(subject.leads.length)} written to ${plain(file)}. Hand it only to the person it is about.`);
    }
    printRelated(subject);
    return 0;
  });
}

/** Says when, not whom: file names are seen by many. */
function defaultName(): string {
  return `leadkeep-export-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-")}.zip`;
}

function leadsText(count: number): string {
  return count === 1 ? "1 lead is" : `${count} leads are`;
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  return code === "EEXIST" ? "exists already and is not overwritten." : `cannot be written (${code}).`;
}
