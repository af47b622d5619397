import { openRights } from "../gateway.ts";
import type { Rights } from "../privacy/rights.ts";
import type { Identifier } from "../privacy/subject.ts";
import { plain, printAside } from "./output.ts";
import { withLedger } from "./with-ledger.ts";

/** Runs a command about the person whom an e-mail address or phone number stands for; 2 when the text is neither. */
export function withPerson(
  text: string,
  work: (identifier: Identifier, rights: Rights) => Promise<number>,
): Promise<number> {
  return withLedger(async (ledger, options) => {
    const rights = openRights(options, ledger);
    const identifier = await rights.parse(text);
    if (!("problem" in identifier)) return work(identifier, rights);
    printAside(`${identifier.problem} Write an e-mail address, or a phone number with its country (+44 …).`);
    return 2;
  });
}

/** Says that nobody of that name is on record. */
export function printNobody(identifier: Identifier): void {
  printAside(
    "email" in identifier
      ? "Nobody with this e-mail address is on record."
      : `Nobody with the phone number ${plain(identifier.phone)} is on record.`,
  );
}

/** Tells of leads that are not the person's, and of what else they may be found by. */
export function printRelated({ mentions, others }: { mentions: readonly string[]; others: readonly string[] }): void {
  if (mentions.length > 0) {
    printAside(`Leads of others that only mention it, which stay as they are: ${mentions.join(", ")}.`);
  }
  if (others.length > 0) printAside(`The person may also be on record as: ${others.map(plain).join(", ")}.`);
}
