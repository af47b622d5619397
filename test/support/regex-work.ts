/**
 * How much work a backtracking engine has with a regular expression: an engine of our own, which counts its steps, since time would say
 * as much of the machine as of the expression. Knows what ours use; throws on what it does not know.
 */

type Node =
  | { type: "char"; test(character: string): boolean }
  | { type: "start" | "end" | "edge" | "no-edge" }
  | { type: "group"; of: Node; n: number | null }
  | { type: "all"; of: Node[] }
  | { type: "one"; of: Node[] }
  | { type: "times"; of: Node; least: number; most: number; isLazy: boolean }
  | { type: "look"; of: Node; isBehind: boolean; isNot: boolean }
  | { type: "back"; n: number };

export type Pattern = { root: Node; flags: string; source: string; characters: Set<string> };

/** Characters tried for each class of an expression, to have some that fit. */
const samples = [..."aA0_-./:;, =+@%\"'<>()[]{}|&#?!\\\t\n\r\u0000é\u00a0\u202e\u0400中\uff1d€zfx19hwu"];

export function parsePattern({ source, flags }: RegExp): Pattern {
  let at = 0;
  let groups = 0;
  const characters = new Set<string>();
  const classFlags = flags.replaceAll(/[gmdy]/g, "");

  function parseOne(): Node {
    const ways = [parseAll()];
    while (source[at] === "|") {
      at += 1;
      ways.push(parseAll());
    }
    return ways.length === 1 ? (ways[0] as Node) : { type: "one", of: ways };
  }

  function parseAll(): Node {
    const parts: Node[] = [];
    while (at < source.length && source[at] !== "|" && source[at] !== ")") parts.push(parseTimes(parseAtom()));
    return { type: "all", of: parts };
  }

  function parseTimes(of: Node): Node {
    const [text, least, comma, most] = /^(?:[*+?]|\{(\d+)(,)?(\d+)?\})/.exec(source.slice(at)) ?? [];
    if (text === undefined) return of;
    at += text.length;
    const isLazy = source[at] === "?";
    if (isLazy) at += 1;
    const bounds: Record<string, [number, number]> = { "*": [0, Infinity], "+": [1, Infinity], "?": [0, 1] };
    const own: [number, number] = [Number(least), comma === undefined ? Number(least) : Number(most ?? Infinity)];
    const [from, to] = bounds[text] ?? own;
    return { type: "times", of, least: from, most: to, isLazy };
  }

  function parseAtom(): Node {
    const rest = source.slice(at);
    const opening = /^\((?:\?(?::|<?[=!]|<\w+>))?/.exec(rest)?.[0];
    if (opening !== undefined) {
      at += opening.length;
      const n = opening === "(" || opening.endsWith(">") ? ++groups : null;
      const of = parseOne();
      if (source[at] !== ")") throw new Error(`no end of a group in /${source}/`);
      at += 1;
      if (!/[=!]$/.test(opening)) return { type: "group", of, n };
      return { type: "look", of, isBehind: opening.includes("<"), isNot: opening.endsWith("!") };
    }
    const back = /^\\([1-9])/.exec(rest);
    if (back) {
      at += 2;
      return { type: "back", n: Number(back[1]) };
    }
    const edge = ({ "^": "start", $: "end", "\\b": "edge", "\\B": "no-edge" } as const)[
      /^(?:\^|\$|\\[bB])/.exec(rest)?.[0] ?? ""
    ];
    if (edge) {
      at += edge === "start" || edge === "end" ? 1 : 2;
      return { type: edge };
    }
    const text = /^(?:\[(?:\\.|[^\]\\])*\]|\\(?:u\{[^}]*\}|u....|x..|[pP]\{[^}]*\}|.)|.)/su.exec(rest)?.[0] ?? "";
    at += text.length;
    return characterOf(text);
  }

  function characterOf(text: string): Node {
    const own = new RegExp(`^(?:${text})$`, classFlags);
    const fits = new Map<string, boolean>();
    const test = (character: string): boolean => {
      const known = fits.get(character);
      if (known !== undefined) return known;
      const result = own.test(character);
      fits.set(character, result);
      return result;
    };
    if (text.length === 1 && own.test(text)) characters.add(text);
    else {
      const fitting = samples.filter((one) => test(one));
      for (let code = 0; fitting.length === 0 && code < 0xffff; code++) {
        if (own.test(String.fromCharCode(code))) fitting.push(String.fromCharCode(code));
      }
      // Where one fits, often all do; a few kinds are enough.
      for (const one of fitting.slice(0, 6)) characters.add(one);
    }
    return { type: "char", test };
  }

  const root = parseOne();
  if (at !== source.length) throw new Error(`what is this at ${at} of /${source}/`);
  return { root, flags, source, characters };
}

class TooMuch extends Error {}

type Next = (at: number) => boolean;

/** Steps taken to look for the pattern in the text from every place, as `test` and `replace` do; at most `most`. */
export function workOf({ root, flags }: Pattern, text: string, most: number): number {
  const [isMultiline, isSticky] = [flags.includes("m"), flags.includes("y")];
  const letters = /[A-Za-z0-9_]/;
  let steps = 0;
  let captured: (readonly [number, number] | undefined)[] = [];

  const isLetter = (at: number): boolean => letters.test(text[at] ?? "");
  const isStart = (at: number): boolean => at === 0 || (isMultiline && text[at - 1] === "\n");
  const isEnd = (at: number): boolean => at === text.length || (isMultiline && text[at] === "\n");

  function step(): void {
    steps += 1;
    if (steps > most) throw new TooMuch();
  }

  /** `by`: 1 forwards, -1 inside of a look behind. */
  function run(node: Node, at: number, by: 1 | -1, next: Next): boolean {
    step();
    switch (node.type) {
      case "char": {
        const character = by === 1 ? text[at] : text[at - 1];
        return character !== undefined && node.test(character) && next(at + by);
      }
      case "start":
        return isStart(at) && next(at);
      case "end":
        return isEnd(at) && next(at);
      case "edge":
        return isLetter(at - 1) !== isLetter(at) && next(at);
      case "no-edge":
        return isLetter(at - 1) === isLetter(at) && next(at);
      case "group":
        return run(node.of, at, by, (end) => {
          if (node.n === null) return next(end);
          const before = captured[node.n];
          captured[node.n] = [Math.min(at, end), Math.max(at, end)];
          if (next(end)) return true;
          captured[node.n] = before;
          return false;
        });
      case "all":
        return runAll(by === 1 ? node.of : node.of.toReversed(), 0, at, by, next);
      case "one":
        return node.of.some((way) => run(way, at, by, next));
      case "times":
        return runTimes(node, 0, at, by, next);
      case "look": {
        const found = run(node.of, at, node.isBehind ? -1 : 1, () => true);
        return found !== node.isNot && next(at);
      }
      case "back": {
        const [from, to] = captured[node.n] ?? [0, 0];
        steps += to - from;
        return text.startsWith(text.slice(from, to), at) && next(at + to - from);
      }
    }
  }

  function runAll(parts: readonly Node[], index: number, at: number, by: 1 | -1, next: Next): boolean {
    const part = parts[index];
    if (!part) return next(at);
    return run(part, at, by, (end) => runAll(parts, index + 1, end, by, next));
  }

  function runTimes(node: Node & { type: "times" }, done: number, at: number, by: 1 | -1, next: Next): boolean {
    const again = (): boolean =>
      done < node.most &&
      // A round that takes nothing is not done again.
      run(node.of, at, by, (end) => (end !== at || done < node.least) && runTimes(node, done + 1, end, by, next));
    if (done < node.least) return again();
    return node.isLazy ? next(at) || again() : again() || next(at);
  }

  try {
    for (let from = 0; from <= text.length; from++) {
      captured = [];
      let end = -1;
      const found = run(root, from, 1, (at) => {
        end = at;
        return true;
      });
      if (found) from = Math.max(from, end - 1);
      // What has to stand at the start is not looked for anywhere else.
      if (isSticky || (mustStart(root) && !isMultiline)) break;
    }
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
  }
  return steps;
}

function mustStart(node: Node): boolean {
  if (node.type === "start") return true;
  if (node.type === "all") return node.of[0] !== undefined && mustStart(node.of[0]);
  if (node.type === "group") return mustStart(node.of);
  return node.type === "one" && node.of.every(mustStart);
}

/** One text that fits, by taking the first way everywhere; and what is repeated in the pattern, each with what stands before it. */
export function pumpsOf({ root, characters }: Pattern): { before: string; pump: string }[] {
  const pumps: { before: string; pump: string }[] = [];
  const all = [...characters];

  function sample(node: Node, before: string): string {
    switch (node.type) {
      case "char":
        return all.find((one) => node.test(one)) ?? "";
      case "group":
        return sample(node.of, before);
      case "all":
        return node.of.reduce((text, part) => text + sample(part, before + text), "");
      case "one": {
        const [first = ""] = node.of.map((way) => sample(way, before));
        return first;
      }
      case "times": {
        const once = sample(node.of, before);
        if (node.most > 8) {
          pumps.push({ before, pump: once });
          for (const one of singlesOf(node.of)) pumps.push({ before, pump: one });
        }
        return once.repeat(Math.max(1, Math.min(node.least, 40)));
      }
      case "look":
        // What stands behind is part of what may be pumped, too.
        if (!node.isNot) sample(node.of, before);
        return "";
      default:
        return "";
    }
  }

  function singlesOf(node: Node): string[] {
    if (node.type === "char") return all.filter((one) => node.test(one));
    if (node.type === "all" || node.type === "one") return node.of.flatMap(singlesOf);
    return "of" in node ? singlesOf(node.of as Node) : [];
  }

  const whole = sample(root, "");
  return [
    ...pumps,
    { before: "", pump: whole },
    ...pumps.map(({ before, pump }) => ({ before: "", pump: before + pump })),
  ];
}

/** Lengths of text whose work is compared. */
const [short, long] = [60, 240];
/** More than a square of the longer one comes to. */
const mostSteps = 1e6;

/**
 * By which power of the length the work grows at worst: 1 for what is linear, infinite for anything beyond a square. `worst`: what stands before, is repeated, and stands
 * after in the text that shows it.
 */
export function growthOf(pattern: Pattern): { power: number; worst: string } {
  let power = 0;
  let worst = "";
  const seen = new Set<string>();
  for (const { before, pump } of pumpsOf(pattern)) {
    for (const start of new Set([before, `\u0001${before}`])) {
      for (const after of ["", "\u0001", "!", "\n", "a"]) {
        const key = JSON.stringify([start, pump, after]);
        if (pump === "" || seen.has(key)) continue;
        seen.add(key);
        const text = (length: number): string => start + pump.repeat(Math.ceil(length / pump.length)) + after;
        const [few, many] = [text(short), text(long)];
        const work = workOf(pattern, many, mostSteps);
        if (work > mostSteps) return { power: Number.POSITIVE_INFINITY, worst: key };
        const grown = Math.log(work / workOf(pattern, few, mostSteps)) / Math.log(many.length / few.length);
        if (grown > power) [power, worst] = [grown, key];
      }
    }
  }
  return { power, worst };
}
