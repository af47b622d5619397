/** A column's letters: 0 is A, 26 is AA. */
export function columnLetters(index: number): string {
  const rest = Math.floor(index / 26) - 1;
  return (rest < 0 ? "" : columnLetters(rest)) + String.fromCharCode(65 + (index % 26));
}

/** A range in A1 notation, its tab quoted. */
export function rangeIn(title: string, cells: string): string {
  return `'${title.replaceAll("'", "''")}'!${cells}`;
}

/** The same as one part of a path. */
export function rangePath(title: string, cells: string): string {
  return encodeURIComponent(rangeIn(title, cells));
}
