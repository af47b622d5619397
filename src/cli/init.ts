import type { Answers } from "./init/answers.ts";
import { askAnswers, askWhether, Cancelled, type Terminal } from "./init/ask.ts";
import { type Change, type Plan, planChanges } from "./init/changes.ts";
import { diffLines } from "./init/diff-text.ts";
import { answersGiven, byDefault, flagProblems, type InitFlags, nobodyToAsk } from "./init/flags.ts";
import { namesIn } from "./init/own-files.ts";
import { openProject, type Project } from "./init/project.ts";
import { resultLines } from "./init/report.ts";
import { writeChanges } from "./init/write-changes.ts";
import { jsonText, plain, print, printAside } from "./output.ts";

/** `terminal`: null when nobody can be asked. */
export type InitPlace = { folder: string; terminal: Terminal | null; colour: boolean };

/** `leadkeep init`: writes what a site needs to keep its leads. 1 when nothing was written, 2 when an answer is wrong or lacking. */
export async function init(flags: InitFlags, place: InitPlace): Promise<number> {
  const problems = flagProblems(flags);
  if (problems.length > 0) {
    for (const problem of problems) printAside(plain(problem));
    return 2;
  }
  const project = openProject(place.folder);
  const terminal = flags.yes || flags.json ? null : place.terminal;
  if (!terminal && !flags.yes && !flags.dryRun) {
    for (const line of nobodyToAsk) printAside(line);
    return 2;
  }
  const given = answersGiven(flags, project);
  try {
    const answers = terminal ? await askAnswers(given, known(project), terminal) : byDefault(given);
    const plan = planChanges(project, answers);
    if (flags.json) return await inJson(project, answers, plan, flags);
    if (terminal || flags.dryRun) showPlan(plan, place.colour);
    return await carryOut(project, answers, plan, { ...flags, terminal });
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    printAside("Nothing was written.");
    return 1;
  }
}

async function carryOut(
  project: Project,
  answers: Answers,
  plan: Plan,
  { dryRun, beside, terminal }: Pick<InitFlags, "dryRun" | "beside"> & { terminal: Terminal | null },
): Promise<number> {
  if (dryRun) {
    print("Nothing has been changed.");
    return 0;
  }
  const isAnything = toWrite(plan.changes, beside).length > 0;
  if (terminal && isAnything && !(await askWhether("Write this?", terminal))) throw new Cancelled();
  const written = writeChanges(project, plan.changes, beside);
  for (const line of resultLines(project, answers, plan, written)) print(line);
  return 0;
}

async function inJson(project: Project, { framework }: Answers, plan: Plan, flags: InitFlags): Promise<number> {
  const written = flags.dryRun ? [] : writeChanges(project, plan.changes, flags.beside);
  const files = plan.changes.map(({ path, action }) => ({ path, action }));
  const report = { framework, dry_run: flags.dryRun, files, written, by_hand: plan.byHand, fill: plan.fill };
  print(jsonText(report, 2));
  return 0;
}

function showPlan({ changes }: Plan, colour: boolean): void {
  for (const change of changes) for (const line of [...diffLines(change, colour), ""]) print(line);
}

function toWrite(changes: readonly Change[], beside: boolean): Change[] {
  return changes.filter(({ action }) => action === "create" || action === "extend" || (beside && action === "kept"));
}

function known(project: Project): Set<string> {
  return namesIn(project.read(".env") ?? "");
}
