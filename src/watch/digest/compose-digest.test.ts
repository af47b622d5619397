import { expect, test } from "vitest";
import { htmlInjections } from "../../../test/support/injection-corpus.ts";
import { composeDigest, type DigestLook } from "./compose-digest.ts";
import type { DestinationFigures, DigestFigures } from "./gather-digest.ts";

const since = Date.UTC(2026, 10, 16, 8);
const until = Date.UTC(2026, 10, 23, 8);

function figures(overrides: Partial<DigestFigures> = {}): DigestFigures {
  return {
    since,
    until,
    leads: { count: 132, before: 120 },
    byForm: [{ name: "contact", count: 132, before: 120 }],
    bySource: [],
    destinations: [],
    pauses: [],
    deadLetters: [],
    orphans: [],
    quarantined: 0,
    ...overrides,
  };
}

function aDestination(overrides: Partial<DestinationFigures> = {}): DestinationFigures {
  return { id: "crm", label: "CRM", delivered: 0, owed: 0, medianMs: null, slowMs: null, ...overrides };
}

const textOf = (overrides: Partial<DigestFigures>, look?: DigestLook) => composeDigest(figures(overrides), look).text;

test("a week in which everything arrived says so in its subject", () => {
  expect(composeDigest(figures()).subject).toBe("132 leads this week, everything arrived");
  expect(composeDigest(figures({ leads: { count: 1, before: 0 } })).subject).toBe(
    "1 lead this week, everything arrived",
  );
});

test("the week is compared with the one before", () => {
  expect(textOf({})).toContain("132 leads came in from 16 November 2026 to 23 November 2026: 12 more than the week");
  expect(textOf({ leads: { count: 5, before: 9 } })).toContain("4 fewer than the week before");
  expect(textOf({ leads: { count: 5, before: 5 } })).toContain("as many as the week before");
});

test("forms and sources say how many leads they brought, and how many before", () => {
  const bySource = [
    { name: "google", count: 80, before: 60 },
    { name: "", count: 52, before: 60 },
  ];
  const text = textOf({ bySource });
  expect(text).toContain("contact: 132 (the week before: 120)");
  expect(text).toContain("google: 80 (the week before: 60)");
  expect(text).toContain("No source given: 52 (the week before: 60)");
});

test("beyond ten sources the rest is told together", () => {
  const bySource = Array.from({ length: 13 }, (_, i) => ({ name: `source${i}`, count: 20 - i, before: 1 }));
  const text = textOf({ bySource });
  expect(text).toContain("source9: 11");
  expect(text).not.toContain("source10");
  expect(text).toContain("All others: 27 (the week before: 3)");
});

test("a destination says what share arrived, and how fast", () => {
  const destinations = [aDestination({ delivered: 123, owed: 2, medianMs: 5_000, slowMs: 60_000 })];
  expect(textOf({ destinations })).toContain(
    "CRM: 98.4% delivered (123 of 125); half within 5 seconds, 95 % within 1 minute",
  );
});

test("what reads 100 % is all of them", () => {
  const share = (delivered: number, owed: number) => textOf({ destinations: [aDestination({ delivered, owed })] });
  expect(share(99_999, 1)).toContain("99.9% delivered");
  expect(share(99_999, 0)).toContain("100% delivered");
  expect(share(0, 0)).toContain("CRM: Nothing was due.");
});

test("a mail that came later than the last bound says more than a day", () => {
  expect(textOf({ destinations: [aDestination({ delivered: 3, medianMs: 3_600_000 })] })).toContain(
    "half within 1 hour, 95 % within more than 24 hours",
  );
});

test("each thing that needs a hand says what it is, how many leads, and what to do", () => {
  const mail = composeDigest(
    figures({
      pauses: [
        {
          destination: "crm",
          label: "CRM",
          since,
          by: "machine",
          reason: { code: "unauthorized", message: "answered 401" },
          waiting: 38,
        },
      ],
      deadLetters: [
        {
          destination: "sheets",
          label: "Google Sheets",
          reason: { code: "bad_field", message: "no column." },
          count: 1,
        },
      ],
      orphans: [{ destination: "old-crm", waiting: 4 }],
      quarantined: 3,
    }),
  );
  expect(mail.subject).toBe("132 leads this week, 4 things need a hand");
  expect(mail.text).toContain(
    "CRM: Paused since 16 November 2026: answered 401. 38 leads wait. Its credentials are not",
  );
  expect(mail.text).toContain("Google Sheets: 1 lead is not tried again: no column. See to the cause");
  expect(mail.text).toContain("old-crm: 4 leads wait for it, and it is not configured.");
  expect(mail.text).toContain("Quarantine: 3 leads are held back");
});

test("leads that still wait are not said to have arrived", () => {
  expect(textOf({})).toContain("Everything that was due has arrived.");
  expect(textOf({ destinations: [aDestination({ owed: 1 })] })).toContain("Not everything has arrived yet");
});

test("the console is linked when its address is known", () => {
  const consoleUrl = "https://leads.example.com/console";
  expect(composeDigest(figures(), { consoleUrl }).html).toContain(`href="${consoleUrl}"`);
  expect(composeDigest(figures()).html).not.toContain("href=");
});

test("a German digest says the same in German", () => {
  const mail = composeDigest(
    figures({ leads: { count: 1_200, before: 1_000 }, destinations: [aDestination({ delivered: 1, owed: 1 })] }),
    { language: "de" },
  );
  expect(mail.subject).toBe("1.200 Leads diese Woche, alles ist angekommen");
  expect(mail.text).toContain("200 mehr als in der Woche davor");
  expect(mail.text).toMatch(/CRM: 50\s%/);
  expect(mail.html).toContain('<html lang="de"');
});

test.each(htmlInjections)("a source named %j is shown, and is no markup", (name) => {
  const { html } = composeDigest(figures({ bySource: [{ name, count: 1, before: 0 }] }));
  const plain = composeDigest(figures({ bySource: [{ name: "plain", count: 1, before: 0 }] })).html;
  const tags = (page: string) => page.match(/<[a-z/!][^>]*>/gi);
  expect(tags(html)).toEqual(tags(plain));
});

test("a source that is an address is not a link in any mail program", () => {
  const text = textOf({ bySource: [{ name: "https://evil.example.com", count: 1, before: 0 }] });
  expect(text).toContain("hxxps://evil[.]example[.]com");
});
