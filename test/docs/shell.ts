/** A command of a shell block: the variables set for it, and its words. */
export type ShellCommand = { variables: string[]; words: string[] };

/**
 * The commands of a shell block, each by itself: what `&&`, `|`, `;` join, and what stands in `$( )`. Knows the shell's grammar as
 * far as the docs use it: quotes, comments, continued lines, redirections, here-documents.
 */
export function commandsOf(text: string): ShellCommand[] {
  const lines = withoutHereDocuments(text.replace(/\\\n/g, " ")).split("\n");
  return lines.flatMap((line) => splitCommands(line)).map(toCommand);
}

function withoutHereDocuments(text: string): string {
  return text.replace(/(<<-?\s*["']?(\w+)["']?[^\n]*\n).*?^\2$/gms, "$1");
}

const pattern =
  /\$\((?<inner>(?:[^()]|\([^()]*\))*)\)|"(?<double>(?:[^"\\]|\\.)*)"|'(?<single>[^']*)'|(?<comment>(?<=^|\s)#.*)|(?<join>&&|\|\|?|;|&)|(?<redirect>\d?(?:>>?|<<-?|<)\s*(?=[^<>\s]*(?:\s|$))\S*)|(?<space>\s+)|(?<plain>[^\s"'|;&$#]+|.)/g;

/** The words of each command of a line. */
function splitCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  const inner: string[] = [];
  let word: string | null = null;
  const end = () => {
    if (word !== null) commands.at(-1)?.push(word);
    word = null;
  };
  for (const { groups = {} } of line.matchAll(pattern)) {
    if (groups.comment !== undefined) break;
    if (groups.join !== undefined) {
      end();
      commands.push([]);
    } else if (groups.space !== undefined || groups.redirect !== undefined) end();
    else if (groups.inner !== undefined) {
      inner.push(groups.inner);
      word = `${word ?? ""}substituted`;
    } else {
      const quoted = groups.double;
      for (const [, substituted = ""] of quoted?.matchAll(/\$\(([^()]*)\)/g) ?? []) inner.push(substituted);
      word = (word ?? "") + (quoted?.replace(/\\(.)/g, "$1") ?? groups.single ?? groups.plain ?? "");
    }
  }
  end();
  return [...commands, ...inner.flatMap(splitCommands)].filter((words) => words.length > 0);
}

const assignment = /^([A-Za-z_]\w*)=/;

function toCommand(words: readonly string[]): ShellCommand {
  const exported = words[0] === "export";
  const rest = exported ? words.slice(1) : [...words];
  const first = rest.findIndex((word) => !assignment.test(word));
  const set = first < 0 ? rest : rest.slice(0, first);
  const variables = set.map((word) => assignment.exec(word)?.[1] ?? "");
  return { variables, words: first < 0 || exported ? [] : rest.slice(first) };
}
