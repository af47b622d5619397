import { existsSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { type Page, proseOf, root } from "./blocks.ts";

/** The links and pictures of the pages that lead nowhere, as `path: target`. */
export function deadReferences(pages: readonly Page[]): string[] {
  const known = new Map(pages.map((page) => [page.path, anchorsOf(page)]));
  return pages.flatMap((page) =>
    targetsOf(page)
      .filter((target) => !isThere(page.path, target, known))
      .map((target) => `${page.path}: ${target}`),
  );
}

/** What a page points at within the checkout. */
function targetsOf(page: Page): string[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, "code");
  const links = [
    ...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g),
    ...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm),
  ];
  const pictures = [...prose.matchAll(/\b(?:src|srcset|href)="([^"\s]+)"/g)];
  return [...links, ...pictures]
    .map(([, target = ""]) => target)
    .filter((target) => !/^(?:[a-z]+:|\/\/)/i.test(target));
}

function isThere(from: string, target: string, known: ReadonlyMap<string, ReadonlySet<string>>): boolean {
  const [file = "", anchor] = target.split("#");
  const path = file === "" ? from : normalize(join(dirname(from), decodeURIComponent(file))).replace(/\/$/, "");
  if (path.startsWith("..") || !existsSync(join(root, path))) return false;
  if (anchor === undefined) return true;
  return statSync(join(root, path)).isFile() && (known.get(path)?.has(anchor) ?? false);
}

/** The anchors GitHub makes of headings: small letters, no punctuation, a hyphen for each space, a number behind the second of a name. */
function anchorsOf(page: Page): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of proseOf(page).matchAll(/^#{1,6} +(.*?) *#*$/gm)) {
    const words = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
    const slug = words
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    let name = slug;
    for (let n = 1; anchors.has(name); n++) name = `${slug}-${n}`;
    anchors.add(name);
  }
  return anchors;
}
