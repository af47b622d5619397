import { describe, expect, test } from "vitest";
import { type Judged, judgeCorpus } from "./corpus.ts";

const parts = ["tuning", "held-out"] as const;

describe.for(parts)("of the labelled corpus, the part for %s", (part) => {
  const people = judgeCorpus("people").filter((one) => one.part === part);
  const spam = judgeCorpus("spam").filter((one) => one.part === part);

  test("no person is held back", async ({ annotate }) => {
    const held = people.filter(({ quarantined }) => quarantined);
    const highest = Math.max(...people.map(({ screening }) => screening?.score ?? 0));
    await annotate(`${held.length} of ${people.length} people held back; the highest score is ${highest}`);
    expect(people.length).toBeGreaterThan(100);
    expect(held.map(({ fields, screening }) => [fields, screening])).toEqual([]);
  });

  test("most spam is held back", async ({ annotate }) => {
    const shares = Object.entries(Object.groupBy(spam, ({ sent_by = "" }) => sent_by)).map(
      ([by, all = []]) => `${by}: ${caught(all)} of ${all.length}`,
    );
    await annotate(`${caught(spam)} of ${spam.length} spam held back (${shares.join("; ")})`);
    expect(spam.length).toBeGreaterThan(100);
    expect(caught(spam) / spam.length).toBeGreaterThan(0.5);
  });
});

function caught(judged: readonly Judged[]): number {
  return judged.filter(({ quarantined }) => quarantined).length;
}
