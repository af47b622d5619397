import { type DataKey, type KeyRow, type MasterKeys, newDataKey, wrap } from "./master-keys.ts";

const firstBatch = 16;
const largestBatch = 512;

/**
 * Data keys that are on record already and seal nothing yet, so that keeping a lead waits for no other disk write than its own, and
 * no lead is ever on record before its key. Those left over when the process ends are never used: they cost some bytes each.
 */
export function createKeyPool({ current }: MasterKeys) {
  const spare: DataKey[] = [];
  let batch = firstBatch;
  return {
    take: (): DataKey | undefined => spare.pop(),
    /** More keys, more each time. They are not in the pool before `keep` was called with them: once they are on record. */
    fresh(): { keys: DataKey[]; rows: KeyRow[] } {
      const keys = Array.from({ length: batch }, newDataKey);
      batch = Math.min(batch * 2, largestBatch);
      return { keys, rows: keys.map((key) => wrap(key, current)) };
    },
    keep: (keys: readonly DataKey[]): void => void spare.push(...keys),
  };
}
