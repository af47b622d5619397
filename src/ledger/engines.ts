/** What may bring due deliveries to workers where the ledger is in Postgres: claims look into the ledger, or pg-boss carries them. */
export const engines = ["ledger", "pg-boss"] as const;
export type EngineName = (typeof engines)[number];

/** The databases pg-boss can be told it is on; the default is the first. */
export const backends = ["postgres", "cockroachdb", "yugabytedb", "citus"] as const;
export type Backend = (typeof backends)[number];
