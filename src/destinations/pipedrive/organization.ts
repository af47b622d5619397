import * as z from "zod";
import { isStop, type Stop, search } from "./call.ts";
import { shortened } from "./convert.ts";
import { once } from "./progress.ts";
import { recentlyWritten } from "./recent.ts";
import { builtIn, type Session, writeWhatIsTaken } from "./session.ts";

const shortestTerm = 2;
const created = z.object({ id: z.number() });
const named = z.object({ id: z.number(), name: z.string() });
const hits = z.object({ items: z.array(z.object({ item: named })) });

/** Finds the company the lead names, by its exact name, or creates it. Null when none is named. */
export function organizationOf(session: Session): Promise<number | null | Stop> {
  const name = shortened(session.lead.company?.trim() ?? "");
  // Shorter terms cannot be searched, per https://developers.pipedrive.com/docs/api/v1/Organizations (read 2026-11).
  if ([...name].length < shortestTerm) return Promise.resolve(null);
  const { account } = session.api;
  const key = keyOf(name);
  return account.inTurn(`organization ${key}`, async () => {
    const id = await once(session, "organization", {
      shared: `organization ${key}`,
      look: (inDoubt) => find(session, name, inDoubt),
      create: () => create(session, name),
    });
    if (!isStop(id)) account.organizations.set(key, id, session.api.now());
    return id;
  });
}

async function find({ api }: Session, name: string, inDoubt: boolean): Promise<number | null | Stop> {
  const known = api.account.organizations.get(keyOf(name), api.now());
  if (known !== undefined) return known;
  const query = { term: name, fields: "name", exact_match: "true", limit: 50 };
  const answer = await search(api, "v2/organizations/search", query, hits);
  if (isStop(answer)) return answer;
  const found = lowestNamed(
    name,
    answer.data.items.map(({ item }) => item),
  );
  if (found !== null) return found;
  const recent = await recentlyWritten(api, "v2/organizations", named, inDoubt);
  return isStop(recent) ? recent : lowestNamed(name, recent);
}

function lowestNamed(name: string, organizations: readonly z.output<typeof named>[]): number | null {
  const same = organizations.filter((one) => keyOf(one.name) === keyOf(name));
  return same.length > 0 ? Math.min(...same.map(({ id }) => id)) : null;
}

async function create(session: Session, name: string): Promise<number | Stop> {
  const answer = await writeWhatIsTaken(session, {
    method: "POST",
    path: "v2/organizations",
    essential: { name },
    extras: [
      ...session.placing.placed.filter(({ entity }) => entity === "organization"),
      ...builtIn("organization", "owner_id", session.options.owner),
    ],
    answer: created,
  });
  return isStop(answer) ? answer : answer.data.id;
}

function keyOf(name: string): string {
  return name.trim().replace(/\s+/g, " ").toLowerCase();
}
