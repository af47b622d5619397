/**
 * Loaded before the program (`node --import`): gives it a clock that is wrong by the first of the comma-separated milliseconds in
 * CHAOS_CLOCK_MS. Each SIGUSR2 sets the clock anew, to the next of them.
 */
const errors = (process.env.CHAOS_CLOCK_MS ?? "0").split(",").map(Number);
const RightDate = Date;
let at = 0;

const now = (): number => RightDate.now() + (errors[at % errors.length] ?? 0);

class WrongDate extends RightDate {
  static override now = now;
  constructor(...given: unknown[]) {
    super(...((given.length === 0 ? [now()] : given) as [number]));
  }
}

globalThis.Date = WrongDate as DateConstructor;
process.on("SIGUSR2", () => {
  at += 1;
});
