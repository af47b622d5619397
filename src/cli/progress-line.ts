const width = 24;

/**
 * Says how far something is: on a terminal in one line that is written over, with a bar; elsewhere (a log) each text once.
 */
export function createProgressLine(stream: NodeJS.WriteStream) {
  let last = "";

  function bar(part: number): string {
    const full = Math.round(Math.min(1, Math.max(0, part)) * width);
    return `[${"#".repeat(full)}${".".repeat(width - full)}] ${Math.floor(part * 100)} % `;
  }

  return {
    /** `part`: from 0 to 1. */
    show(text: string, part?: number): void {
      if (stream.isTTY) stream.write(`\r\u001b[K${part === undefined ? "" : bar(part)}${text}`);
      else if (text !== last) stream.write(`${text}\n`);
      last = text;
    },
    end(): void {
      if (stream.isTTY && last !== "") stream.write("\n");
      last = "";
    },
  };
}
