/** Why a JSON block cannot be read, null when it can. Lists and objects may be left out (`[…]`), and a member stand alone. */
export function jsonProblem(text: string): string | null {
  const plain = text.replace(/\[\s*…\s*\]/g, "[]").replace(/\{\s*…\s*\}/g, "{}");
  const problems = [plain, `{${plain}}`].map(problemIn);
  return problems.includes(null) ? null : (problems[0] ?? null);
}

function problemIn(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
