import { createInterface } from "node:readline";
import type { ErasurePlan, ErasureTask, PlannedErasure } from "../privacy/erasure.ts";
import { identifierText } from "../privacy/subject.ts";
import { erasedJson, planJson, statusJson } from "./erase-json.ts";
import { counted, jsonText, localTime, nothingChanged, plain, print, printAside } from "./output.ts";
import { commandActor } from "./with-ledger.ts";
import { printNobody, printRelated, withPerson } from "./with-person.ts";

/**
 * `leadkeep erase <email|phone>`: shows what is going to happen, lets the person at the keyboard type the address or number once
 * more, erases, and prints what follows. 1 when nothing was erased, or traces of it may remain for a while.
 */
export function erasePerson(
  text: string,
  { yes, dryRun, json }: { yes: boolean; dryRun: boolean; json: boolean },
): Promise<number> {
  return withPerson(text, async (identifier, rights) => {
    const plan = rights.planErasure(await rights.find(identifier));
    if (plan.leads.length === 0) {
      printNobody(identifier);
      printRelated(plan);
      return 1;
    }
    const onlyLook = dryRun || (json && !yes);
    if (!json) for (const line of planText(plan)) print(line);
    else if (onlyLook) print(jsonText(planJson(plan), 2));
    printRelated(plan);
    if (onlyLook) {
      if (!json) print(nothingChanged);
      return 0;
    }
    if (!yes) {
      const typed = await rights.parse(await answerTo("Type the address or number once more to erase: "));
      if ("problem" in typed || identifierText(typed) !== identifierText(identifier)) {
        printAside("That is not the same. Nothing was erased.");
        return 1;
      }
    }
    const result = await rights.erase(await rights.find(identifier), commandActor);
    if (json) print(jsonText(erasedJson(result), 2));
    else for (const line of ["", ...resultText(result.erased.length, result.tasks)]) print(line);
    if (result.scrubbed) return 0;
    printAside(
      "Another program is reading the ledger, so traces may remain in its files. A running gateway clears them daily; leadkeep retention does it at once.",
    );
    return 1;
  });
}

/** `leadkeep erase <email|phone> --status`: how the last erasure stands at the destinations. 1 unless all of it is at its end. */
export function showErasure(text: string, json: boolean): Promise<number> {
  return withPerson(text, async (identifier, rights) => {
    const status = await rights.erasureStatus(identifier);
    if (!status) {
      printAside("Nobody with this address or number has been erased here.");
      return 1;
    }
    const { erasedAt, tasks } = status;
    if (json) {
      print(jsonText(statusJson(status), 2));
    } else {
      print(`Erased here on ${localTime(erasedAt)}.`);
      if (tasks.length === 0) print("No destination held anything of it.");
      for (const task of tasks) print(taskText(task));
    }
    return tasks.every(isOver) ? 0 : 1;
  });
}

function planText({ leads }: ErasurePlan): string[] {
  return leads.flatMap(({ leadId, form, receivedAt, state, here, destinations }) => [
    `${leadId}  (${form}, ${localTime(receivedAt)}${state === "quarantined" ? ", suspected spam" : ""})`,
    `  here: everything the lead says of the person, ${counted(here.consents, "consent")}, what ${counted(here.attempts, "attempt")} noted${here.waiting > 0 ? `; ${counted(here.waiting, "waiting delivery", "waiting deliveries")} cancelled` : ""}`,
    ...destinations.map((one) => `  ${one.destination}: ${plannedText(one)}`),
  ]);
}

function plannedText({ what, ref, detail }: PlannedErasure): string {
  const there = ref === null ? "" : ` (there as ${plain(ref)})`;
  if (what === "erase") return `told to erase it${there}`;
  return what === "nothing" ? "never went there" : `BY HAND${there}: ${plain(detail ?? "")}`;
}

function resultText(erased: number, tasks: readonly ErasureTask[]): string[] {
  const byHand = tasks.filter(({ reason }) => reason?.code === "by_hand");
  const told = tasks.length - byHand.length;
  return [
    `${counted(erased, "lead")} erased here.`,
    ...(told > 0 ? [`${counted(told, "erasure")} on the way to destinations; see how they stand with --status.`] : []),
    ...(byHand.length > 0 ? ["To be done by hand, and then marked as done in the console:"] : []),
    ...byHand.map((task) => `[ ] ${taskText(task).trim()}`),
  ];
}

function taskText({ id, destination, state, reason, ref }: ErasureTask): string {
  const there = ref === null ? "" : ` (there as ${plain(ref)})`;
  const why = reason && state !== "delivered" ? `: ${plain(reason.message)}` : "";
  return `  ${destination}${there}: ${words[state]}${why}  (${id})`;
}

const words: Record<ErasureTask["state"], string> = {
  pending: "waiting",
  claimed: "on its way",
  delivered: "erased there",
  dead: "TO DO",
  withheld: "withheld",
  cancelled: "ended",
};

/** At its end: erased there, or ended by a person, who has done it by hand. */
function isOver({ state }: ErasureTask): boolean {
  return state === "delivered" || state === "cancelled";
}

/** One line from the keyboard; empty when there is none. */
async function answerTo(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((resolve) => {
      lines.question(question, resolve);
      lines.once("close", () => resolve(""));
    });
  } finally {
    lines.close();
  }
}
