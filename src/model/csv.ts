// Spreadsheets take a cell for a formula by its first visible character, in full width too, and behind white space, quotes or
// separators once a person has clicked through an import dialogue (https://owasp.org/www-community/attacks/CSV_Injection, read
// 2026-11).
const formula = /^[\s\p{Cf}\p{Cc}"',;|%]*[=+\-@|%\uff1d\uff0b\uff0d\uff20]/u;
const plainNumber = /^[+-]?\d+(?:[.,]\d+)?$/;

/**
 * One line of CSV (RFC 4180): every cell quoted, quotes doubled, ended by CRLF. A cell a spreadsheet could take for a formula
 * gets an apostrophe in front, which shows it as text; plain numbers, and phone numbers with them, stay as they are.
 */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map((cell) => `"${inert(cell).replaceAll('"', '""')}"`).join(",")}\r\n`;
}

function inert(cell: string): string {
  return formula.test(cell) && !plainNumber.test(cell) ? `'${cell}` : cell;
}
