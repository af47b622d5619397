import { DatabaseSync, StatementSync } from "node:sqlite";

/** How often each kind of statement was run, such as `INSERT leads`; `prepared`: how many were compiled meanwhile. */
export type Statements = Record<string, number>;

/** How a ledger looks, a few times a second, whether another process has committed: by time, so it belongs to no work. */
const foreignCommits = "PRAGMA data_version";
const runners = ["run", "get", "all", "iterate"] as const;

/** Counts the statements SQLite is given in this process while `work` is under way. */
export async function statementsOf(work: () => Promise<unknown>): Promise<Statements> {
  const counted: Statements = { prepared: 0 };
  const restore = [
    ...runners.map((name) =>
      wrap(StatementSync.prototype, name, ({ sourceSQL }) => {
        if (sourceSQL !== foreignCommits) count(nameOf(sourceSQL));
      }),
    ),
    wrap(DatabaseSync.prototype, "exec", (_, [text]) => count(nameOf(String(text)))),
    wrap(DatabaseSync.prototype, "prepare", () => count("prepared")),
  ];

  function count(name: string): void {
    counted[name] = (counted[name] ?? 0) + 1;
  }

  try {
    await work();
  } finally {
    for (const each of restore) each();
  }
  return inOrder(counted);
}

/** By name, so that what changes stands out from what only moved. */
export function inOrder(counted: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counted).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What it does and to which table. */
function nameOf(text: string): string {
  const [verb = ""] = text.trim().split(/\s+/, 1);
  const [, table] = /\b(?:INTO|UPDATE|FROM)\s+(?!OR\b)(\w+)/i.exec(text) ?? [];
  return table ? `${verb} ${table}` : verb;
}

/** Has `look` see each call of a method before it is carried out; the result takes that back. */
function wrap<Owner extends object, Name extends keyof Owner & string>(
  owner: Owner,
  name: Name,
  look: (self: Owner, args: readonly unknown[]) => void,
): () => void {
  const original = owner[name] as (...args: unknown[]) => unknown;
  function counting(this: Owner, ...args: unknown[]): unknown {
    look(this, args);
    return original.apply(this, args);
  }
  Object.assign(owner, { [name]: counting });
  return () => void Object.assign(owner, { [name]: original });
}
