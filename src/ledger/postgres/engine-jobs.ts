import { createHash } from "node:crypto";
import type { AttemptRef } from "../ledger.ts";

/** The latest moment from which places are counted; they last until 2088. */
const firstSecond = Date.UTC(2020, 0, 1) / 1000;
const highest = 2 ** 31 - 1;

/**
 * The id of the job that stands for an attempt: a UUID (version 8, RFC 9562) derived from it. So there can be only one job for
 * an attempt, whoever issues it, and an old attempt's job is never taken for a new one's.
 */
export function jobIdOf({ deliveryId, n }: AttemptRef): string {
  const hash = createHash("sha256").update(`${deliveryId} ${n}`).digest();
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x80, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/**
 * A job's priority: its place in the order of claims, to the second, in the 32 bits pg-boss has for it. New ones are above zero and
 * retries below, of both the longest due are highest.
 */
export function priorityOf(retry: 0 | 1, dueAt: number): number {
  const second = Math.min(highest, Math.max(0, Math.floor(dueAt / 1000) - firstSecond));
  return retry === 0 ? highest - second : -1 - second;
}
