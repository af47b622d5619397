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
