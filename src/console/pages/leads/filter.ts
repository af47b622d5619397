import type { LeadsFilter } from "../../api/types.ts";

/** The filters of the list, as the address of the page names them. */
export const filterNames = [
  "q",
  "form",
  "state",
  "delivery",
  "destination",
  "code",
  "source",
  "campaign",
  "stage",
  "assignee",
  "since",
  "until",
] as const;
export type FilterName = (typeof filterNames)[number];
/** What the page's address says; dates are days of the viewer's own calendar, `YYYY-MM-DD`. */
export type Chosen = Partial<Record<FilterName, string>>;

const states = ["active", "quarantined", "erased"] as const;
const deliveries = ["pending", "claimed", "delivered", "dead", "withheld", "cancelled"] as const;
const stages = ["new", "working", "done"] as const;

/** What an address chooses. What it says that cannot be meant is passed over. */
export function chosenIn(parameters: URLSearchParams): Chosen {
  const chosen: Chosen = {};
  for (const name of filterNames) {
    const value = parameters.get(name);
    if (value) chosen[name] = value;
  }
  return chosen;
}

/** The same for the API: a day becomes the moments at which it begins and ends where the viewer is. */
export function filterFor(chosen: Chosen): LeadsFilter {
  const { q, form, source, campaign, destination, code, assignee } = chosen;
  const filter: LeadsFilter = {
    q,
    form,
    source,
    campaign,
    destination,
    code,
    assignee,
    state: states.find((each) => each === chosen.state),
    delivery: deliveries.find((each) => each === chosen.delivery),
    stage: stages.find((each) => each === chosen.stage),
    since: startOfDay(chosen.since, 0),
    until: startOfDay(chosen.until, 1),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

function startOfDay(day: string | undefined, later: number): string | undefined {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? "") ?? [];
  if (year === undefined) return undefined;
  const start = new Date(Number(year), Number(month) - 1, Number(date) + later);
  return Number.isNaN(start.getTime()) ? undefined : start.toISOString();
}

/** A moment's day where the viewer is, `YYYY-MM-DD`. */
export function dayOf(at: Date): string {
  const two = (n: number): string => String(n).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Where the list with these filters is. */
export function leadsPath(chosen: Chosen): string {
  const parameters = new URLSearchParams(Object.entries(chosen).filter(([, value]) => value));
  return parameters.size > 0 ? `/leads?${parameters}` : "/leads";
}
