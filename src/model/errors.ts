/** An error whose `code` is stable and whose message is fit to show to a person. */
export class LeadkeepError extends Error {
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One thing wrong in the configuration: where, what, and how to mend it. Names variables, never their values. */
export type ConfigProblem = { path: string; message: string; cure: string };

/** The configuration cannot be used; `problems` lists everything wrong with it, not only the first. */
export class ConfigError extends LeadkeepError {
  readonly problems: ConfigProblem[];

  constructor(problems: ConfigProblem[]) {
    const lines = problems.map(({ path, message, cure }) => `  ${path}: ${message} ${cure}`);
    super("config_invalid", `The configuration has ${problems.length} problem(s):\n${lines.join("\n")}`);
    this.problems = problems;
  }
}

/** The ledger cannot be read or written just now (locked, full, gone). Nothing was recorded; trying again is safe. */
export class LedgerUnavailable extends LeadkeepError {
  constructor(message: string, options?: ErrorOptions) {
    super("ledger_unavailable", message, options);
  }
}

/** The ledger's schema could not be brought up to date; the gateway does not start on it. */
export class MigrationFailed extends LeadkeepError {
  constructor(message: string, options?: ErrorOptions) {
    super("migration_failed", message, options);
  }
}
