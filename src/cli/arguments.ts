import { InvalidArgumentError } from "commander";
import { type DeliveryId, parseDeliveryId } from "../model/id.ts";

/** Gathers the ids of deliveries. @throws InvalidArgumentError in words for the person who typed it */
export function collectDeliveries(id: string, previous: DeliveryId[] | undefined): DeliveryId[] {
  if (!parseDeliveryId(id))
    throw new InvalidArgumentError("A delivery id looks like dlv_…_webhook; leadkeep show lists them.");
  return [...(previous ?? []), id as DeliveryId];
}

/** A point in time, as epoch milliseconds. @throws InvalidArgumentError in words for the person who typed it */
export function time(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError("Write a date (2026-11-01) or a time (2026-11-01T08:00:00Z).");
  return at;
}

/** A whole number from 1. @throws InvalidArgumentError in words for the person who typed it */
export function count(text: string): number {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1) throw new InvalidArgumentError("Write a whole number from 1.");
  return n;
}

/** Gathers the values of an option that may be given several times. */
export function collect(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), text];
}

/** The same, of which each has to be one of these. @throws InvalidArgumentError in words for the person who typed it */
export function collectOf<T extends string>(choices: readonly T[]): (text: string, previous: T[] | undefined) => T[] {
  return (text, previous) => {
    const choice = choices.find((one) => one === text);
    if (choice === undefined) throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
    return [...(previous ?? []), choice];
  };
}
