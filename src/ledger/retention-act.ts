/**
 * Steps of retention no further apart than this, in milliseconds, are one act, unless something else was done in between: a run has
 * thousands of them, and people look for what people did.
 */
export const oneActMs = 3_600_000;
