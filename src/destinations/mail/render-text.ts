import type { Block, Brand, FieldRow, FooterLine, MailDocument } from "./document.ts";

/** The plain-text part: all a mail says, for people and programs that show no HTML. */
export function renderText({ title, blocks, footer }: MailDocument, brand: Brand): string {
  const parts = [
    `${title}\n${"=".repeat(Math.min([...title].length, 70))}`,
    ...blocks.map(textOf),
    `-- \n${[brand.website === null ? brand.name : `${brand.name}, ${brand.website}`, ...footer.map(footerLine)].join("\n")}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

function textOf(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return block.text;
    case "quote":
      return `${headingOf(block.heading)}${block.text.replace(/^/gm, "> ")}`;
    case "fields":
      return `${block.heading === null ? "" : headingOf(block.heading)}${block.rows.map(rowOf).join("\n")}`;
    case "links":
      return block.links.map(({ label, href }) => `${label}: ${href}`).join("\n");
  }
}

function footerLine(line: FooterLine): string {
  return typeof line === "string" ? line : `${line.label}: ${line.href}`;
}

function headingOf(heading: string): string {
  return `${heading}\n${"-".repeat(Math.min([...heading].length, 70))}\n`;
}

function rowOf({ label, value }: FieldRow): string {
  return `${label}: ${value.includes("\n") ? `\n${value.replace(/^/gm, "    ")}` : value}`;
}
