import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type MarkKind, marksIn, marksInBytes } from "./audit-marks.ts";

/** Where a lead itself is, and where people write about it. */
const homes = new Set(["leads.document", "consents.text", "consents.page_url", "lead_work.note", "lead_work.assignee"]);

/** What of the marked values stands in which column, `table.column: value`; a lead's own places may hold what is personal. */
export function marksInLedger(file: string): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[];
    return tables.flatMap(({ name: table }) => {
      const found = new Set<string>();
      for (const row of db.prepare(`SELECT * FROM "${table}"`).iterate()) {
        for (const [column, value] of Object.entries(row)) {
          const place = `${table}.${column}`;
          const kinds: MarkKind[] = homes.has(place) ? ["secret", "unkept"] : ["secret", "personal", "unkept"];
          for (const one of marksIn(String(value), kinds)) found.add(`${place}: ${one}`);
        }
      }
      return [...found];
    });
  } finally {
    db.close();
  }
}

/** Every file below a folder, by its path in it. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
}

/** What of the marked values stands in files' names, and in the bytes of each: the ledger's may hold what is personal. */
export function marksInFiles(folder: string): string[] {
  return filesBelow(folder).flatMap((path) => {
    const kinds: MarkKind[] = path.startsWith("ledger.db") ? ["secret", "unkept"] : ["secret", "personal", "unkept"];
    const inside = marksInBytes(readFileSync(join(folder, path)), kinds);
    return [...marksIn(path).map((one) => `name of ${path}: ${one}`), ...inside.map((one) => `${path}: ${one}`)];
  });
}

/** What came of attempts, as `kind outcome`, in order. */
export function outcomesIn(file: string): string[] {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const rows = db.prepare("SELECT DISTINCT destination || ' ' || outcome AS line FROM attempts ORDER BY 1").all();
    return rows.map(({ line }) => String(line));
  } finally {
    db.close();
  }
}
