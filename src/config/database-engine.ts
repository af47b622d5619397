import type { ConfigProblem } from "../model/errors.ts";
import type { Environment } from "./environment.ts";

type Given = Pick<Environment, "DATABASE_URL" | "LEADKEEP_ENGINE" | "LEADKEEP_BACKEND">;

/** What is wrong with the engine that is asked for: it would be passed over in silence. */
export function engineProblems({ DATABASE_URL, LEADKEEP_ENGINE, LEADKEEP_BACKEND }: Given): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  if (LEADKEEP_ENGINE === "pg-boss" && DATABASE_URL === undefined) {
    const cure = "Set DATABASE_URL, or leave this out.";
    problems.push({ path: "LEADKEEP_ENGINE", message: "asks for pg-boss, which needs Postgres.", cure });
  }
  if (LEADKEEP_ENGINE !== "pg-boss" && LEADKEEP_BACKEND !== undefined) {
    const cure = "Set LEADKEEP_ENGINE to pg-boss too, or leave this out.";
    problems.push({
      path: "LEADKEEP_BACKEND",
      message: "says on which database pg-boss is, which is not in use.",
      cure,
    });
  }
  return problems;
}
