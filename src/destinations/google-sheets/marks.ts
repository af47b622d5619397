import { createHash } from "node:crypto";

/**
 * Status cells carry a short mark while they may still change: `not yet #3fa92c71d0`. The mark is unique to one cell, so a
 * status is changed by telling Google "replace the cell that reads so by this" (FindReplaceRequest, per
 * https://developers.google.com/workspace/sheets/api/reference/rest/v4/spreadsheets/request#findreplacerequest, read 2026-11).
 * The sheet finds the cell at the moment it writes: rows that a person sorted, moved or deleted a moment ago cannot be hit by
 * mistake, and a status cell a person has written over is left alone.
 */
const markLength = 10;

/** A text that can be replaced later. */
export function openMark(text: string, about: string): string {
  return `${text} #${markOf(about)}`;
}

/** A request that replaces the cell with a mark, whatever it says, wherever in `where` it is when Google writes. */
export function replaceMarked(about: string, replacement: string, where: object): object {
  const find = `^.{1,60} #${markOf(about)}$`;
  return { findReplace: { find, replacement, searchByRegex: true, matchCase: true, ...where } };
}

function markOf(about: string): string {
  return createHash("sha256").update(about).digest("hex").slice(0, markLength);
}
