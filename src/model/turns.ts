/** Lets work on the same thing run one after the other, in the order it was asked for; work on different things does not wait. */
export function createTurns<Id>(): <T>(id: Id, work: () => Promise<T>) => Promise<T> {
  const last = new Map<Id, Promise<unknown>>();
  return async (id, work) => {
    const before = last.get(id);
    const turn = (async () => {
      await before?.catch(() => {});
      return work();
    })();
    last.set(id, turn);
    try {
      return await turn;
    } finally {
      if (last.get(id) === turn) last.delete(id);
    }
  };
}
