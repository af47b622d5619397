/** A body on its way. `giveUp` is called when it has to make room for others. */
export type Guest = { giveUp(): void };

/** Memory that all bodies on their way have together. */
export type BodyRoom = {
  /** A body has grown by so many bytes. */
  grow(guest: Guest, bytes: number): void;
  /** It is whole, or not wanted any more. */
  leave(guest: Guest): void;
};

/**
 * Keeps unfinished bodies below `mostBytes` together. The one that began first gives way: a form's body is there within moments, so
 * what has been on its way longest is the least likely to be a person's.
 */
export function createBodyRoom(mostBytes: number): BodyRoom {
  const held = new Map<Guest, number>();
  let total = 0;

  function leave(guest: Guest): void {
    const bytes = held.get(guest);
    if (bytes === undefined) return;
    total -= bytes;
    held.delete(guest);
  }

  return {
    leave,
    grow(guest, bytes) {
      held.set(guest, (held.get(guest) ?? 0) + bytes);
      total += bytes;
      if (total > mostBytes) makeRoom();
    },
  };

  function makeRoom(): void {
    for (const [oldest] of held) {
      if (total <= mostBytes) return;
      leave(oldest);
      oldest.giveUp();
    }
  }
}
