import type { PersonLinks } from "../../src/model/destination.ts";

/** A gateway without a public address. */
export const noLinks: PersonLinks = { confirm: () => null, withdraw: () => null };
