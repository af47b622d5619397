import { useQuery } from "@tanstack/react-query";
import { destinationsQuery } from "../api/queries.ts";

/** What people call a destination, by its id; the id itself when it is not configured (any more). */
export function useDestinationName(): (id: string) => string {
  const { data } = useQuery(destinationsQuery);
  return (id) => data?.find((destination) => destination.id === id)?.label ?? id;
}
