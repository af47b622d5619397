/** One defence that `npm run take-out` takes out, to see that a test notices. */
export type Defence = {
  /** What is defended against, in a few words. */
  name: string;
  /** The file that has the defence, from the root of the checkout. */
  file: string;
  /** Text that occurs in it exactly once. */
  take: string;
  /** What stands there without the defence. */
  put: string;
  /** Files of tests of which at least one fails without it; `path > name` picks one test. */
  tests: readonly string[];
};
