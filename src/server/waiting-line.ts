/** Those whose submission is here as a whole, in the order they came: first until it is their turn, then until they are answered. */
export type WaitingLine = {
  /** True when one more would wait too long: tell them to come again. */
  isLong(): boolean;
  /** One more at the end of the line. The result takes them off it, once they are answered. */
  enter(): () => void;
  /** Resolves when it is the turn of who entered last: to be asked for right after entering. */
  turn(): Promise<void>;
};

export type WaitingLineOptions = {
  /** How much longer answers may take where that is no sign of a crowd, in milliseconds. @default 0 */
  besidesMs?: number;
  /** Longest wait once there has been a line for `longestMs` without a break: then it is no rush, and waiting helps nobody. @default 250 */
  standingMs?: number;
  /** Most in the line. @default 2_000 */
  most?: number;
  /** Milliseconds that only go forward. @default performance.now */
  monotonic?(): number;
  /** Calls back in the next turn of the event loop, after it has read what is there. @default setImmediate */
  nextTurn?(work: () => void): void;
  /** Calls back when everything that need not wait has gone on. @default the tick after this microtask */
  whenDone?(work: () => void): void;
};

/** Some who came one after the other and go on together. What they share is made once, so that a visitor costs no object. */
type Party = {
  since: number;
  size: number;
  /** Of those, who is not answered yet. */
  unanswered: number;
  turn: Promise<void>;
  begin(): void;
  leave(): void;
};

/** As many leads as share a commit at most; and fewer than these are not worth a turn. */
const [biggest, smallest] = [512, 8];
/** How long a party may keep the event loop, in milliseconds: half as long as everything else does in a turn, within these. */
const [shortestMs, longestPartyMs] = [8, 24];
const countEveryMs = 50;

/**
 * Lets submissions go on in parties, one a turn of the event loop. Each step of intake then runs for all of a party before the next
 * begins, which under load takes nearly a third off the cost of a lead. A party is no bigger than can be dealt with in some milliseconds, so
 * that turns stay short however many come: newcomers are heard, and deliveries go out. One that comes alone waits for nothing.
 *
 * A line is long by the time it would take one more, not by how many are in it: that says the same on a slow machine as on a fast
 * one. A rush may wait; a line that does not go away is kept short (the idea of CoDel, RFC 8289).
 * @param longestMs longest wait while it is a rush, or a disk has a bad moment, in milliseconds
 */
export function createWaitingLine(
  longestMs: number,
  {
    besidesMs = 0,
    standingMs = Math.min(250, longestMs),
    most = 2_000,
    monotonic = () => performance.now(),
    nextTurn = setImmediate,
    whenDone = (work) => queueMicrotask(() => process.nextTick(work)),
  }: WaitingLineOptions = {},
): WaitingLine {
  /** In the order they came. The first `begun` have had their turn; of the very first some are not answered yet. */
  const parties: Party[] = [];
  let begun = 0;
  let scheduled = false;
  /** The turn before this one, if others were left waiting in it: then all the time since went into work. */
  let before: { at: number; tookMs: number } | null = null;
  /** What one of a party takes, and what everything else in a turn takes. */
  let [eachMs, restMs] = [1, 0];
  let inLine = 0;
  /** How long the line takes to become one shorter, by how many were answered since `countedAt`. */
  let [paceMs, answered, countedAt] = [1, 0, 0];
  /** When one more would hardly have had to wait, last. */
  let calmAt = monotonic();

  function join(): Party {
    const last = begun < parties.length ? parties.at(-1) : undefined;
    if (last && last.size < mostTogether()) return last;
    let begin = (): void => {};
    const turn = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const party: Party = { since: monotonic(), size: 0, unanswered: 0, turn, begin, leave };
    function leave(): void {
      party.unanswered -= 1;
      inLine -= 1;
      answered += 1;
    }
    parties.push(party);
    if (!scheduled) nextTurn(goOn);
    scheduled = true;
    return party;
  }

  function mostTogether(): number {
    const partyMs = Math.min(longestPartyMs, Math.max(shortestMs, restMs / 2));
    return Math.min(biggest, Math.max(smallest, partyMs / eachMs));
  }

  function goOn(): void {
    const party = parties[begun] as Party;
    const at = monotonic();
    if (before) restMs = mean(restMs, at - before.at - before.tookMs);
    begun += 1;
    const turn = { at, tookMs: 0 };
    party.begin();
    whenDone(() => {
      turn.tookMs = monotonic() - at;
      eachMs = mean(eachMs, turn.tookMs / party.size);
    });
    scheduled = begun < parties.length;
    before = scheduled ? turn : null;
    if (scheduled) nextTurn(goOn);
  }

  /** Answers come in bunches, as commits do, so they are counted over some time. */
  function count(now: number): void {
    if (answered === 0 || now - countedAt < countEveryMs) return;
    paceMs = mean(paceMs, (now - countedAt) / answered);
    [answered, countedAt] = [0, now];
  }

  /** Who has waited longest for an answer; those before are answered, and forgotten. */
  function first(): Party | undefined {
    let gone = 0;
    while (gone < begun && parties[gone]?.unanswered === 0) gone += 1;
    if (gone > 0) parties.splice(0, gone);
    begun -= gone;
    return parties[0];
  }

  return {
    isLong() {
      const now = monotonic();
      const oldest = first();
      if (oldest) count(now);
      const waitMs = inLine * paceMs - besidesMs;
      if (waitMs <= standingMs / 2) calmAt = now;
      if (!oldest) return false;
      if (now - oldest.since > longestMs + besidesMs || inLine >= most) return true;
      return waitMs > (now - calmAt > longestMs ? standingMs : longestMs);
    },
    enter() {
      if (inLine === 0) [answered, countedAt] = [0, monotonic()];
      const party = join();
      party.size += 1;
      party.unanswered += 1;
      inLine += 1;
      return party.leave;
    },
    turn: () => parties.at(-1)?.turn ?? Promise.resolve(),
  };
}

/** Of all so far, the latest counting most. */
function mean(soFar: number, latest: number): number {
  return soFar + (latest - soFar) / 8;
}
