import type { Withdrawal } from "../../model/destination.ts";
import type { Outcome } from "../../model/outcome.ts";
import { byHand } from "../shared/by-hand.ts";
import type { Answer } from "./api.ts";
import { columnKey, consentHeader, no, yes } from "./columns.ts";
import { locateRows, type Place } from "./locate-rows.ts";
import { openMark, replaceMarked } from "./marks.ts";
import { type Sheet, update, updateAndSee } from "./sheet.ts";
import { forAPerson, keepsMoving, wasInTheWay } from "./trouble.ts";

/** How often a row is looked for anew that a person moved between our look and our request. */
const mostLooks = 5;

const withdrawn = "withdrawn";

/** What became of one row: it shows the withdrawal, it is not where it was, or a person has written something else there. */
type Shown = "shown" | "moved" | "written over";

/**
 * Shows in a lead's row that consent was withdrawn: the `yes` of its consent column becomes `withdrawn`. Which row it is can
 * only be said by number, and a person may be sorting; so the cell is marked first, and what the id beside it was in that very
 * moment is answered along with it. Only then is it changed for good, or put back. In either case the cell is found by its mark,
 * wherever it has been moved.
 */
export async function showWithdrawal(sheet: Sheet, { lead, purpose }: Withdrawal): Promise<Outcome> {
  const header = consentHeader(purpose);
  if (header === null) return byHand(`the sheet has no column that shows "${purpose}"; see to the lead's row`);
  const about = `${lead.id} withdrawn ${purpose}`;
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const places = await locateRows(sheet, new Set([lead.id]));
    if (!places.ok) return forAPerson(places.trouble);
    // The list of dead letters says nothing of consent.
    const rows = places.value.filter(({ tab }) => tab.title !== sheet.options.failedTab);
    const shown: Shown[] = [];
    for (const place of rows) {
      const column = place.header.findIndex((text) => columnKey(text) === header);
      const answer =
        column < 0 ? ({ ok: true, value: "written over" } as const) : await show(sheet, place, column, about);
      if (!answer.ok) return forAPerson(answer.trouble);
      shown.push(answer.value);
    }
    if (shown.includes("moved")) continue;
    if (shown.includes("written over"))
      return byHand(`the column "${header}" of the lead's row does not say yes or no; see to it`);
    return { type: "delivered" };
  }
  return keepsMoving;
}

async function show(sheet: Sheet, place: Place, column: number, about: string): Promise<Answer<Shown>> {
  const { tab, row, idColumn, leadId, header } = place;
  const at = { startRowIndex: row, endRowIndex: row + 1, startColumnIndex: column, endColumnIndex: column + 1 };
  const replacement = openMark("withdrawing", about);
  const mark = {
    find: yes,
    replacement,
    matchCase: true,
    matchEntireCell: true,
    range: { sheetId: tab.sheetId, ...at },
  };
  const cells = [
    { row, column: idColumn },
    { row: 0, column },
    { row, column },
  ];
  // An earlier attempt may have ended between mark and change.
  const marked = await updateAndSee(sheet, [putBack(about), { findReplace: mark }], tab.title, cells);
  if (!marked.ok) return wasInTheWay(marked.trouble) ? { ok: true, value: "moved" } : marked;
  const [id = "", name, text = ""] = marked.value;
  const isThere = id.toLowerCase() === leadId && name === header[column]?.trim();
  if (!isThere) {
    const back = await update(sheet, [putBack(about)]);
    return back.ok ? { ok: true, value: "moved" } : back;
  }
  if (text !== replacement) return { ok: true, value: text === no || text === withdrawn ? "shown" : "written over" };
  const changed = await update(sheet, [replaceMarked(about, withdrawn, { allSheets: true })]);
  return changed.ok ? { ok: true, value: "shown" } : changed;
}

function putBack(about: string): object {
  return replaceMarked(about, yes, { allSheets: true });
}
