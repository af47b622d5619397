/**
 * Loaded into the gateway before anything else (`--import`): as long as the file that `OVERLOAD_SLOW_DISK` names is there, a commit takes
 * as many milliseconds as it says. So any machine has a capacity that is small and known.
 */
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";

const file = process.env.OVERLOAD_SLOW_DISK;
const prepare = DatabaseSync.prototype.prepare;
if (file) {
  DatabaseSync.prototype.prepare = function (sql, ...options) {
    const statement = prepare.call(this, sql, ...options);
    if (sql !== "COMMIT") return statement;
    const run = statement.run.bind(statement);
    statement.run = (...values: []) => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, slownessMs(file));
      return run(...values);
    };
    return statement;
  };
}

function slownessMs(path: string): number {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch {
    return 0;
  }
}
