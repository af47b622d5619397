import { styleText } from "node:util";
import { structuredPatch } from "diff";
import { plain } from "../output.ts";
import type { Change } from "./changes.ts";

/** Lines of context around a change. */
const context = 2;

/**
 * What a change would do, as a unified diff. Of a file with secrets only the names that are added are shown. `colour`: for a
 * terminal that takes it.
 */
export function diffLines({ path, before, after, action, secret }: Change, colour: boolean): string[] {
  const from = before === null ? "/dev/null" : path;
  const { hunks } = structuredPatch(from, path, unix(before ?? ""), unix(after), "", "", {
    context: secret ? 0 : context,
  });
  const head = [`${heads[action]} ${path}`];
  const body = hunks.flatMap(({ oldStart, newStart, lines }) => [
    ...(before === null ? [] : [`@@ -${oldStart} +${newStart} @@`]),
    ...lines.filter((line) => !line.startsWith("\\")).map((line) => plain(secret ? masked(line) : line)),
  ]);
  return [...head, ...body].map((line) => (colour ? coloured(line) : line));
}

const heads: Record<Change["action"], string> = {
  create: "new     ",
  extend: "added to",
  same: "same    ",
  kept: "KEPT    ",
};

/** A value says nothing about the change; its name does. */
function masked(line: string): string {
  return line.replace(/^([+-][\t ]*(?:export[\t ]+)?\w+[\t ]*=)[\t ]*\S.*$/, "$1…");
}

function unix(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function coloured(line: string): string {
  const style = line.startsWith("+") ? "green" : line.startsWith("-") ? "red" : line.startsWith("@@") ? "cyan" : null;
  return style === null ? line : styleText(style, line, { validateStream: false });
}
