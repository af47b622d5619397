import { describe, expect, test } from "vitest";
import { aForm } from "../../../test/support/intake.ts";
import type { FormScreens } from "../../model/form.ts";
import { defaultScreens } from "../../model/form.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import { createScreens } from "./screens.ts";
import { senderOf } from "./sender.ts";

const start = 1_700_000_000_000;

/** Screens by a clock that is set by hand. */
function someScreens(given: Partial<FormScreens> = {}, secrets: [string, ...string[]] = ["a secret of the tests"]) {
  const clock = { now: start };
  let serial = 0;
  const screens = createScreens({
    secrets,
    trustsProxy: false,
    hash: (text) => text,
    now: () => clock.now,
    nonce: () => {
      serial += 1;
      return `nonce-${String(serial).padStart(6, "0")}`;
    },
    draw: () => 0,
  });
  const form = aForm({ screens: { ...defaultScreens, ...given } });
  function screen(
    formData: JsonObject,
    more: { reserved?: Record<string, Json>; person?: string; address?: string } = {},
  ) {
    return screens.screen({
      form,
      formData,
      aside: {},
      reserved: new Map(Object.entries(more.reserved ?? {})),
      email: typeof formData.email === "string" ? formData.email : null,
      message: typeof formData.message === "string" ? formData.message : null,
      person: more.person ?? "somebody",
      address: more.address ?? "203.0.113.7",
    });
  }
  const codes = (...given: Parameters<typeof screen>) =>
    screen(...given).screening?.reasons.map(({ code }) => code) ?? [];
  return { clock, screens, form, screen, codes };
}

describe("stamps", () => {
  test("a form filled in at a person's speed says nothing; faster ones say more the faster they were", () => {
    const { clock, screens, codes } = someScreens();
    const told = [500, 2_000, 8_000, 90_000_000].map((tookMs) => {
      clock.now = start;
      const _stamp = screens.stamps.give("contact");
      clock.now = start + tookMs;
      return codes({ email: "ada@example.com" }, { reserved: { _stamp } });
    });
    expect(told).toEqual([["too_fast"], ["hasty"], [], ["stamp_old"]]);
  });

  test("a stamp of another form, of nobody or of another secret is forged; one of an older secret is not", () => {
    const before = someScreens({}, ["the secret before"]).screens.stamps.give("contact");
    const { clock, screens, codes } = someScreens({}, ["the secret now", "the secret before"]);
    const others = screens.stamps.give("other");
    const foreign = someScreens({}, ["somebody else's"]).screens.stamps.give("contact");
    clock.now += 60_000;
    for (const _stamp of [others, foreign, "1.2.3", "x".repeat(5_000)])
      expect(codes({ email: "ada@example.com" }, { reserved: { _stamp } })).toEqual(["stamp_forged"]);
    expect(codes({ email: "ada@example.com" }, { reserved: { _stamp: before } })).toEqual([]);
  });

  test("a stamp that was used says so, unless the lead it came with was not kept", () => {
    const { clock, screens, screen, codes } = someScreens();
    const _stamp = screens.stamps.give("contact");
    clock.now += 60_000;
    const first = screen({ email: "ada@example.com" }, { reserved: { _stamp } });
    expect(codes({ email: "ada@example.com" }, { reserved: { _stamp } })).toEqual(["stamp_repeated"]);
    first.forget();
    expect(codes({ email: "ada@example.com" }, { reserved: { _stamp } })).toEqual([]);
  });

  test("a stamp from a time to come holds nothing against anyone: another gateway's clock is ahead, or this one was set back", () => {
    const { clock, screens, codes } = someScreens();
    const _stamp = screens.stamps.give("contact");
    for (const aheadMs of [500, 2_000, 86_400_000]) {
      clock.now = start - aheadMs;
      expect(codes({ email: "ada@example.com" }, { reserved: { _stamp } })).not.toContain("too_fast");
      expect(codes({ email: "ada@example.com" }, { reserved: { _stamp } })).toEqual(["stamp_repeated"]);
    }
  });

  test("a gateway that was restarted, and another with the same secret, know its stamps", () => {
    const _stamp = someScreens().screens.stamps.give("contact");
    const { clock, codes } = someScreens();
    clock.now = start + 10_000;
    expect(codes({ email: "ada@example.com" }, { reserved: { _stamp } })).toEqual([]);
  });

  test("a form without one gets through, also where one is expected, and a page's own clock is only a hint", () => {
    expect(someScreens().codes({ email: "ada@example.com" })).toEqual([]);
    const { screen } = someScreens({ expectStamp: true });
    expect(screen({ email: "ada@example.com" })).toMatchObject({ quarantined: false, screening: { score: 2 } });
    const hinted = someScreens().screen(
      { email: "ada@example.com" },
      { reserved: { _loaded_at: String(start - 200) } },
    );
    expect(hinted).toMatchObject({ quarantined: false, screening: { score: 3 } });
  });
});

test("no single sign in what was typed holds a lead back", () => {
  const alone: JsonObject[] = [
    { email: "ada@mailinator.com" },
    {
      message: "One https://example.com/1 two https://example.com/2 three https://example.com/3 https://example.com/4",
    },
    {
      message:
        "Do you do SEO, backlinks, link building and guest posts? Our rankings and organic traffic to your page fell.",
    },
    { name: "xKjHgTrQwZpL" },
    { first_name: "Henry", last_name: "Henryaf" },
    { message: `My page shows <a href="https://example.com">this</a> as text` },
    { name: `"><script>alert(1)</script>`, message: "<script>alert(1)</script>" },
    { name: "Robert'); DROP TABLE students;--" },
    {
      message: "[url=https://example.com]one[/url] [url=https://example.com/2]and two[/url], in words of an old forum",
    },
    { name: "xKjHgTrQwZpL", message: "qWrTzPlKxVbN" },
  ];
  for (const fields of alone) {
    const { quarantined, screening } = someScreens().screen({ name: "Ada", ...fields });
    expect([fields, quarantined, screening?.score]).toEqual([fields, false, expect.any(Number)]);
  }
});

test("a honeypot that repeats what a password manager knows is a hint, and one with the message in it is a bot's", () => {
  const fields = {
    name: "Ada Lovelace",
    email: "ada@example.com",
    message: "We offer the best price.",
    subject: "Offer",
  };
  const points = (reply_subject: string) =>
    someScreens()
      .screen({ ...fields, reply_subject })
      .screening?.reasons.find(({ code }) => code.startsWith("honeypot"))?.points;
  expect([fields.email, fields.name, fields.subject, fields.message, "anything"].map(points)).toEqual([
    6, 6, 6, 10, 10,
  ]);
  expect(points("")).toBeUndefined();
});

test("messages in any script are read as people write them", () => {
  for (const message of [
    "Здравствуйте, мне нужна iPhone-зарядка и кабель USB-C, есть в наличии?",
    "我想买一台 iPhone，有现货吗？",
    "هل يتوفر iPhone 15 لديكم؟",
    "क्या iPhone 15 उपलब्ध है?",
    "Ich heiße Łukasz Święcicki-Müller und hätte gern Çay.",
  ])
    expect(someScreens().codes({ name: "Ада Lovelace", message })).toEqual([]);
});

test("an office of forty behind one address gets through, filled in by the browser or not, short or in capitals", () => {
  const { clock, screens, screen } = someScreens();
  for (let i = 0; i < 40; i++) {
    const _stamp = screens.stamps.give("contact");
    clock.now += 1_400;
    const message = ["Yes please", "CALL ME BACK", "?", "Der Kurs am 4. Mai, bitte.", "参加します"][i % 5] ?? "";
    const verdict = screen(
      { name: "ADA", email: `a${i}@example.com`, message },
      { reserved: { _stamp }, person: `${i}` },
    );
    expect([i, verdict.quarantined]).toEqual([i, false]);
    verdict.kept();
  }
});

test("what many people's page wrote into their message is no reason to hold it back", () => {
  const message =
    "I ask you to keep our library open: for the children, for the old, and for all who have no room of their own.";
  for (let i = 0; i < 20; i++) {
    const { screens, clock, screen } = someScreens();
    const _stamp = screens.stamps.give("contact");
    clock.now += 2_000;
    for (let one = 0; one < 5; one++)
      expect(screen({ message }, { reserved: one < 4 ? {} : { _stamp }, person: `${one}` }).quarantined).toBe(false);
  }
});

test("the same long text from several people is a hint, and a form's own short text is not", () => {
  const { codes } = someScreens();
  const message = "I have just seen your page and would like to know more about all that you offer to people like me.";
  const people = ["one", "two", "three", "four"].map((person) => codes({ message }, { person }));
  expect(people.map((found) => found.includes("repeated_text"))).toEqual([false, false, false, true]);
  for (const person of ["one", "two", "three", "four", "five"])
    expect(codes({ message: "Please call me back." }, { person })).toEqual([]);
  // However it is broken over lines, and however often one person sends it.
  expect(codes({ message: ` ${message.replaceAll(" ", "\r\n ").toUpperCase()}` })).toEqual(["repeated_text"]);
  const other = someScreens();
  for (let i = 0; i < 9; i++) expect(other.codes({ message })).toEqual([]);
  other.clock.now += 3_600_001;
  for (const person of ["one", "two", "three"]) expect(other.codes({ message }, { person })).toEqual([]);
});

test("fields without end cost no more than the first of them", () => {
  const many = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [`field${i}`, ["x<script", "y".repeat(200)]]),
  );
  const long = { message: `${"casino ".repeat(30_000)}${"<a href=".repeat(10_000)}` };
  const evil = { message: `${"a.".repeat(50_000)}${"www.".repeat(20_000)}${"<a ".repeat(20_000)}` };
  for (const fields of [many, long, evil]) expect(someScreens().screen(fields)).toHaveProperty("quarantined");
});

describe("senders", () => {
  test.for([
    ["127.0.0.1", null],
    ["::1", null],
    ["::ffff:127.0.0.1", null],
    ["::ffff:203.0.113.7", "203.0.113.7"],
    ["172.17.0.1", null],
    ["172.32.0.1", "172.32.0.1"],
    ["fd00::1", null],
    ["2001:db8:0:7::1", "2001:db8:0:7"],
    ["2001:DB8::7:ffff:0:0:1", "2001:db8:0:7"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["fe80::1%eth0", null],
    ["nonsense", "nonsense"],
  ])("%s counts as %s", ([address, sender]) => expect(senderOf(address as string, false)).toBe(sender));

  test("behind a proxy that is trusted private addresses are counted too", () => {
    expect(senderOf("10.0.0.7", true)).toBe("10.0.0.7");
    expect(senderOf(null, true)).toBe(null);
  });
});
