import type * as fc from "fast-check";

/** Something that is sent anything at all. */
export type Target<Input = unknown> = {
  input: fc.Arbitrary<Input>;
  /** @throws when what must hold does not hold for this input */
  check(input: Input): Promise<void>;
  /** What must hold of all inputs so far together; also where a target lets go of what it has gathered. */
  settle?(): Promise<void>;
  /** Sentences about what came of the inputs, so that nobody takes a thousand refusals for a test. */
  figures(): Record<string, number>;
  close(): Promise<void>;
};
