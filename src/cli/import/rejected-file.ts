import { createWriteStream, existsSync, type WriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { csvLine } from "../../model/csv.ts";
import type { Row } from "./rows.ts";

/**
 * Rows that became no lead, with the reason and their line, for a person to mend and import again. Made with the first of them,
 * readable by this user only, and never over a file that is there.
 */
export function createRejectedFile(of: string, columns: readonly string[] | null) {
  let stream: WriteStream | null = null;
  let path: string | null = null;

  function open(): WriteStream {
    path = freeName(of);
    const made = createWriteStream(path, { flags: "wx", mode: 0o600 });
    made.write(`\ufeff${csvLine([...(columns ?? ["row"]), "reason", "line"])}`);
    return made;
  }

  return {
    async add({ raw, line }: Row, reason: string): Promise<void> {
      stream ??= open();
      const cells = columns ? columns.map((_, index) => raw[index] ?? "") : [...raw];
      if (!stream.write(csvLine([...cells, reason, String(line)]))) {
        await new Promise<void>((resolve) => stream?.once("drain", () => resolve()));
      }
    },
    /** Resolves to the file's name once all of it is written; null when nothing was rejected. */
    async close(): Promise<string | null> {
      if (stream) await finished(stream.end());
      return path;
    },
  };
}

function freeName(of: string): string {
  for (let n = 1; ; n += 1) {
    const name = `${of}.rejected${n === 1 ? "" : `-${n}`}.csv`;
    if (!existsSync(name)) return name;
  }
}
