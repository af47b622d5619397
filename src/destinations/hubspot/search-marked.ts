import * as z from "zod";
import type { Outcome } from "../../model/outcome.ts";
import { type Api, recordsPath } from "./api.ts";
import { failedLook } from "./errors.ts";

/** Which property of which records is searched for a lead's id. */
type Sought = { objectType: string; property: string; operator: "EQ" | "CONTAINS_TOKEN"; leadId: string };

const searchResult = z.object({
  results: z.array(
    z.object({ id: z.string().min(1), properties: z.record(z.string(), z.string().nullable()).catch({}) }),
  ),
});

/**
 * Ids of the records whose property holds a lead's id, as far as HubSpot's search knows: it trails behind by some seconds.
 * `unsearchable`: the account has no such property, or cannot search it so. Per
 * https://developers.hubspot.com/docs/api-reference/latest/crm/search-the-crm (read 2026-11).
 */
export async function searchMarked(
  api: Api,
  { objectType, property, operator, leadId }: Sought,
  now: number,
): Promise<string[] | "unsearchable" | Outcome> {
  const filters = [{ propertyName: property, operator, value: leadId }];
  const query = { filterGroups: [{ filters }], properties: [property], limit: 100 };
  const answer = await api.look("POST", recordsPath(objectType, "/search"), query);
  if (answer.status === 400) return "unsearchable";
  const found = answer.ok ? searchResult.safeParse(answer.body).data : undefined;
  if (!found) return failedLook(answer, now);
  return found.results.flatMap(({ id, properties }) => (properties[property]?.includes(leadId) ? [id] : []));
}
