import { Problem } from "../../api/problem.ts";

/** The answer, unless something in it was refused. @throws {Problem} with what was said about the first that was */
export function refusalIn<Answer extends { refused: { id: string; message: string }[] }>(answer: Answer): Answer {
  const [refused] = answer.refused;
  if (refused) throw new Problem(409, { code: "refused", detail: refused.message });
  return answer;
}
