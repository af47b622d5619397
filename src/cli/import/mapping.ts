import { readFileSync } from "node:fs";
import * as z from "zod";
import { LeadkeepError } from "../../model/errors.ts";
import { plain } from "../output.ts";
import type { Row } from "./rows.ts";

/** Columns by name, and the field each becomes; null leaves it out. What is not named keeps its own name. */
export type ColumnMap = ReadonlyMap<string, string | null>;

const field = z.string().regex(/^[^_\s].{0,99}$/);
const mapFile = z.record(z.string(), field.nullable());

/** The mapping of `--map "E-Mail=email,Notes="` over that of a JSON file `{ "E-Mail": "email", "Notes": null }`. @throws {LeadkeepError} */
export function readMap(text: string | undefined, file: string | undefined): ColumnMap {
  const map = new Map<string, string | null>(file === undefined ? [] : Object.entries(inFile(file)));
  for (const pair of text?.split(",") ?? []) {
    const at = pair.lastIndexOf("=");
    const [column, name] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    if (at < 1 || column === "") throw wrongMap(`"${plain(pair.trim())}" is no column=field`);
    if (name !== "" && !field.safeParse(name).success) throw wrongMap(`"${plain(name)}" cannot be a field's name`);
    map.set(column, name === "" ? null : name);
  }
  return map;
}

/** Columns that are mapped, but are not in the file. */
export function unknownColumns(map: ColumnMap, columns: readonly string[]): string[] {
  return [...map.keys()].filter((column) => !columns.includes(column));
}

/** A row's fields under their new names. Reserved names (`_…`) are not taken from a file. */
export function mapped(map: ColumnMap, fields: Row["fields"]): Row["fields"] {
  return fields.flatMap(([column, value]): Row["fields"] => {
    const name = map.has(column) ? (map.get(column) ?? null) : column;
    return name === null || name.startsWith("_") ? [] : [[name, value]];
  });
}

function inFile(path: string): Record<string, string | null> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw wrongMap(`${plain(path)} cannot be read`);
  }
  try {
    return mapFile.parse(JSON.parse(text.replace(/^\ufeff/, "")));
  } catch {
    throw wrongMap(`${plain(path)} is no JSON object of column: field`);
  }
}

function wrongMap(what: string): LeadkeepError {
  return new LeadkeepError(
    "wrong_map",
    `The mapping is wrong: ${what}. Write --map "E-Mail=email,Phone no.=phone,Notes=" (nothing behind = leaves the column out).`,
  );
}
