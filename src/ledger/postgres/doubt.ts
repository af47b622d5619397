import { connectDatabase } from "./database.ts";

/** The same for Postgres: see src/ledger/sqlite/doubt.ts. @throws {LedgerUnavailable} */
export async function doubtWaiting(url: string, schema: string): Promise<number> {
  const db = connectDatabase({ url, schema, poolSize: 1 });
  try {
    const text = "UPDATE deliveries SET uncertain = true WHERE state = 'pending' AND tag = ''";
    return await db.write((tx) => tx.change(text), { long: true });
  } finally {
    await db.close();
  }
}
