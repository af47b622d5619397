import { plain } from "../output.ts";
import type { Answers } from "./answers.ts";
import type { Plan } from "./changes.ts";
import { isProposed } from "./config-text.ts";
import { frameworkNames } from "./frameworks.ts";
import type { Project } from "./project.ts";
import type { Written } from "./write-changes.ts";

/** What was made, what is to be done, and how to take it back. */
export function resultLines(project: Project, answers: Answers, plan: Plan, written: readonly Written[]): string[] {
  const { exec, add, dependencies, folder } = project;
  const kept = plan.changes.filter(({ action }) => action === "kept");
  const isWritten = new Set(written.map(({ path }) => path));
  const notes = [
    ...(plan.place.inApp || plan.place.because === null
      ? []
      : [`The gateway runs beside the site, since ${plan.place.because}. The form posts to it.`]),
    ...(answers.consents.some(isProposed)
      ? ["The wording of the consent is only a proposal: say in the form and in the config whom you pass leads on to."]
      : []),
    ...(dependencies.has("leadkeep") ? [] : [`Leadkeep is not among the dependencies yet: ${add} leadkeep`]),
    ...plan.byHand,
  ];
  return [
    `${frameworkNames[answers.framework]}, in ${plain(folder)}`,
    ...written.map(({ path, action }) => `  ${action.padEnd(8)} ${path}`),
    ...(written.length === 0 ? ["  Everything is there already."] : []),
    ...kept
      .filter(({ path }) => !isWritten.has(`${path}.new`))
      .map(
        ({ path }) =>
          `  kept     ${path}   (differs from what would be written: --dry-run shows how, --beside writes ${path}.new)`,
      ),
    "",
    ...(notes.length > 0 ? ["To be done by hand, or to know:", ...notes.map((note) => `  - ${note}`), ""] : []),
    "Next:",
    `  1. ${fillOf(answers, plan)}`,
    `  2. ${exec} leadkeep doctor`,
    `  3. ${startOf(project, answers, plan)}`,
    ...undoLines(written),
  ];
}

function fillOf({ destinations }: Answers, { fill }: Plan): string {
  if (fill.length > 0) return `Fill in .env: ${fill.join(", ")}`;
  if (destinations.length > 0) return "Look through .env: nothing is lacking";
  return "Leads are kept, and go nowhere yet: run this again with --destination, or set variables in .env";
}

function startOf({ run, scripts }: Project, { framework }: Answers, { place }: Plan): string {
  const site = `${run} ${scripts.has("dev") ? "dev" : "start"}`;
  if (place.inApp) return site;
  return framework === "standalone" ? `${run} leadkeep` : `${run} leadkeep, and beside it ${site}`;
}

function undoLines(written: readonly Written[]): string[] {
  if (written.length === 0) return [];
  const made = written.filter(({ action }) => action === "created").map(({ path }) => shellWord(path));
  const extended = written.filter(({ action }) => action === "extended").map(({ path }) => shellWord(path));
  return [
    "",
    "To take it back:",
    ...(made.length > 0 ? [`  rm ${made.join(" ")}`] : []),
    ...(extended.length > 0 ? [`  git checkout -- ${extended.join(" ")}   (as far as they are in git)`] : []),
  ];
}

function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path}'`;
}
