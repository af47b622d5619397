import type { DeadLetterGroup } from "../../api/types.ts";

/** Dead letters that are sent again together: of one destination and one code. `messages`: the most frequent first. */
export type Cause = {
  destination: string;
  code: string;
  count: number;
  oldest: string;
  newest: string;
  messages: { message: string; status: number | null; count: number }[];
};

/** The API tells groups apart by their message too; they are sent again by destination and code. The largest first. */
export function causesOf(groups: readonly DeadLetterGroup[]): Cause[] {
  const same = Map.groupBy(groups, ({ destination, code }) => `${destination} ${code}`);
  return [...same.values()].flatMap(causeOf).sort((one, other) => other.count - one.count);
}

function causeOf(groups: readonly DeadLetterGroup[]): Cause[] {
  const [first] = groups;
  if (!first) return [];
  // ISO times of one zone sort as text.
  const times = groups.flatMap(({ oldest, newest }) => [oldest, newest]).sort();
  return [
    {
      destination: first.destination,
      code: first.code,
      count: groups.reduce((sum, { count }) => sum + count, 0),
      oldest: times[0] ?? first.oldest,
      newest: times.at(-1) ?? first.newest,
      messages: groups
        .map(({ message, status, count }) => ({ message, status, count }))
        .sort((one, other) => other.count - one.count),
    },
  ];
}
