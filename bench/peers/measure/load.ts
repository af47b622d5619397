import autocannon from "autocannon";
import { submission } from "../../support/a-submission.ts";

const connections = 64;

/** Posts without a pause, each submission from somebody else; resolves to how many were answered 2xx a second. @throws when any was not */
export async function loadFromMany(url: string, seconds: number): Promise<number> {
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...submission, email: "ada-[<id>]@example.com" }),
    idReplacement: true,
  });
  const refused = result.non2xx + result.errors + result.timeouts;
  if (refused > 0) throw new Error(`${refused} requests to ${url} were not answered 2xx`);
  return result["2xx"] / result.duration;
}
