/** The baseline of the drain row: 64 loops that POST the same body and read the answer; nothing is recorded. */
import { Pool } from "undici";

const [origin = "", total = "0", concurrency = "1", body = ""] = process.argv.slice(2);
const pool = new Pool(origin, { connections: Number(concurrency) });
let left = Number(total);
const headers = { "content-type": "application/json" };

async function loop(): Promise<void> {
  while (left > 0) {
    left -= 1;
    const response = await pool.request({ path: "/", method: "POST", headers, body });
    await response.body.dump();
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, loop));
await pool.close();
