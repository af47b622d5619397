import { environment } from "../../config/environment.ts";
import type { Answers } from "./answers.ts";
import { configText } from "./config-text.ts";
import { destinationChoices, variablesOf, whatIs } from "./destination-choices.ts";
import type { Place } from "./detect.ts";
import { layoutOf, mountPath } from "./frameworks.ts";
import { type DotenvEntry, withEntries, withIgnored, withScripts } from "./own-files.ts";
import type { Project } from "./project.ts";

/**
 * A file as it is (null: not there) and as it is wanted. `extend` adds to what is there; `kept` is there, differs, and stays.
 * `secret`: values in it are not to be shown.
 */
export type Change = {
  path: string;
  before: string | null;
  after: string;
  action: "create" | "extend" | "same" | "kept";
  secret: boolean;
};

/** `fill`: variables a person still has to fill in. */
export type Plan = { changes: Change[]; byHand: string[]; place: Place; fill: string[] };

const configNames = ["leadkeep.config.ts", "leadkeep.config.mts", "leadkeep.config.js", "leadkeep.config.mjs"];

/** What would be written for these answers. Looks at the files there are, and changes nothing. */
export function planChanges(project: Project, answers: Answers): Plan {
  const layout = layoutOf(project, answers);
  const entries = dotenvEntries(answers, layout.place.inApp);
  const own = (path: string, extend: (text: string | null) => string, secret = false): Change => {
    const before = project.read(path);
    const after = extend(before);
    const action = before === null ? "create" : before === after ? "same" : "extend";
    return { path, before, after, action, secret };
  };
  const changes = [
    whole(project, { path: configPath(project), text: configText(answers) }),
    ...layout.pieces.map((piece) => whole(project, piece)),
    own(".env", (text) => withEntries(text, entries, dotenvTitle), true),
    own(".env.example", (text) => withEntries(text, entries.map(emptied), dotenvTitle)),
    own(".gitignore", (text) => withIgnored(text, [".env", ".leadkeep/"])),
    own("package.json", (text) => withScripts(text ?? "{}", layout.scripts)),
  ].filter(({ before, after }) => before !== null || after !== "");
  const dotenv = changes.find(({ path }) => path === ".env")?.after ?? "";
  return { changes, byHand: layout.byHand, place: layout.place, fill: emptyIn(dotenv, entries) };
}

const dotenvTitle = "Leadkeep: where leads go. Every variable: node_modules/leadkeep/.env.example";

/** A file of `init`'s own. One that is there and differs is the person's by now. Line ends alone are no difference. */
function whole(project: Project, { path, text }: { path: string; text: string }): Change {
  const before = project.read(path);
  const isSame = before?.replaceAll("\r\n", "\n") === text;
  const action = before === null ? "create" : isSame ? "same" : "kept";
  return { path, before, after: text, action, secret: false };
}

/**
 * The config file that is there, else one whose name says by itself that it is a module: without `"type": "module"` Node takes
 * a plain `.ts` or `.js` for CommonJS, or guesses with a warning.
 */
function configPath(project: Project): string {
  const ending = `${project.isModule ? "" : "m"}${project.usesTypeScript ? "ts" : "js"}`;
  return project.first(...configNames) ?? `leadkeep.config.${ending}`;
}

function dotenvEntries({ destinations, variables, publicUrl }: Answers, inApp: boolean): DotenvEntry[] {
  const labelOf = (name: string) =>
    destinationChoices.find((choice) => choice.variables.some((one) => one.name === name))?.label ?? "";
  const entries = variablesOf(destinations).map(({ name }) => ({
    name,
    value: variables[name] ?? "",
    about: `${labelOf(name)}: ${whatIs(name)}`,
  }));
  if (publicUrl === null) return entries;
  return [...entries, { name: "PUBLIC_URL", value: gatewayUrl(publicUrl, inApp), about: publicUrlAbout }];
}

const publicUrlAbout = environment.shape.PUBLIC_URL.description ?? "";

/** The gateway's own address: in a site's server it answers below the site's. */
function gatewayUrl(publicUrl: string, inApp: boolean): string {
  const url = new URL(publicUrl);
  return inApp && url.pathname === "/" ? `${url.origin}${mountPath}` : publicUrl.replace(/\/+$/, "");
}

function emptied(entry: DotenvEntry): DotenvEntry {
  return { ...entry, value: "" };
}

/** Names a person still has to fill in. What may stay empty is not among them. */
function emptyIn(dotenv: string, entries: readonly DotenvEntry[]): string[] {
  const optional = new Set(["CRM_WEBHOOK_SECRET"]);
  return entries
    .map(({ name }) => name)
    .filter((name) => !optional.has(name) && new RegExp(`^[\\t ]*${name}[\\t ]*=[\\t ]*\\r?$`, "m").test(dotenv));
}
