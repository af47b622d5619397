import type { MasterKeys } from "../../ledger/sealing/master-keys.ts";
import type { Sealing } from "../../ledger/sealing/sealing.ts";
import type { CheckResult } from "../../model/destination.ts";

const what = "encryption";

/** Whether leads are sealed, all of them, and by the key in use alone. Nothing is told where nobody asked for it. */
export async function checkEncryption(sealing: Sealing | undefined, keys: MasterKeys | null): Promise<CheckResult[]> {
  if (!sealing || keys === null) return [];
  const old = (await sealing.masters()).filter((id) => id !== keys.current.id);
  const results: CheckResult[] = [];
  if (old.length > 0) {
    const detail = `keys of leads are still wrapped by an encryption key used before (${old.join(", ")})`;
    results.push({ what, result: "warning", detail, cure: "Run: leadkeep rotate-keys" });
  }
  if (await sealing.holdsClear()) {
    const detail = "leads from before encryption was turned on are kept in clear";
    results.push({ what, result: "warning", detail, cure: "Run: leadkeep rotate-keys --seal-old" });
  }
  return results.length > 0 ? results : [{ what, result: "ok", detail: `leads are sealed (key ${keys.current.id})` }];
}
