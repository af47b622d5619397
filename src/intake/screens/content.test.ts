import { expect, test } from "vitest";
import type { JsonObject } from "../../model/json.ts";
import { screenContent } from "./content.ts";
import { toScreened } from "./screened.ts";

/** What is found in what was typed, and its points. */
function found(fields: JsonObject): Record<string, number> {
  const findings = screenContent(toScreened(fields, typeof fields.email === "string" ? fields.email : null), true);
  return Object.fromEntries(findings.flatMap((finding) => (finding ? [[finding.code, finding.points]] : [])));
}

const codes = (message: string, more: JsonObject = {}) => Object.keys(found({ message, ...more }));

test("one link says nothing, and the more there are, and the less else, the more they say", () => {
  const links = (count: number) => Array.from({ length: count }, (_, i) => `https://example.com/${i}`).join(" ");
  const words = " and all of this is what we have been looking at since spring, in words of our own. ".repeat(6);
  expect(found({ message: `${links(1)}${words}` })).toEqual({});
  expect([2, 3, 5, 10].map((count) => found({ message: `${links(count)}${words}` }).links)).toEqual([1, 3, 5, 7]);
  expect(found({ message: `Look: ${links(3)}` }).links).toBe(5);
  expect(found({ message: "Look: http://192.0.2.1/a http://192.0.2.2/b http://192.0.2.3/c" }).links).toBe(5);
});

test("a web address for a name", () => {
  expect(codes("Hello", { name: "Win now https://example.com/win" })).toEqual(["link_in_name"]);
});

test("links as HTML or BBCode, script and probes are seen wherever they stand", () => {
  expect(codes('Look <a  href="https://example.com">here</a>')).toEqual(["link_markup"]);
  expect(codes("[url=https://example.com]here[/url]")).toEqual(["link_markup"]);
  expect(codes("[link]here[/link]")).toEqual(["link_markup"]);
  for (const script of [
    "<SCRIPT>alert(1)</SCRIPT>",
    "<iframe src=a>",
    "JavaScript:alert(1)",
    "x onerror = alert(1)",
    "a = document.cookie",
    "eval(a)",
    "String.fromCharCode(1)",
  ])
    expect([script, codes(script)]).toEqual([script, ["script"]]);
  for (const probe of [
    "1' UNION ALL SELECT 1",
    "a' or '1'='1",
    "a' OR 1=1 --",
    "x; DROP  TABLE leads",
    "1 = sleep(5)",
    "a; waitfor delay '0:0:5'",
    "/etc/passwd",
    `\${jndi:ldap://a}`,
    "{{ 7 * 7 }}",
    "<?php a",
    "../../a",
    "exec xp_cmdshell('a')",
  ])
    expect([probe, codes(probe)]).toEqual([probe, ["probe"]]);
  expect(found({ name: "<script>a</script>", message: "Hello" }).script).toBe(8);
});

test("feet, hearts, prices and paths are no code", () => {
  for (const message of [
    "Do you sell 15' or 20' poles?",
    "I <3 it; is it < $5 (or 4)?",
    "Photos: a/b/c [2 of 3] {new}",
  ])
    expect(codes(message)).toEqual([]);
});

test("offers are seen at the end of a text, over line ends, joined by hyphens, in other letters and with nothing between", () => {
  for (const message of [
    "All you need is our online casino",
    "Play at the online\n   casino, today",
    "Play at the online  casino, today",
    "Play at the online-casino",
    "🎰online casino🎰",
    "Play at the ｏｎｌｉｎｅ ｃａｓｉｎｏ now",
    "Play at the 𝐨𝐧𝐥𝐢𝐧𝐞 𝐜𝐚𝐬𝐢𝐧𝐨 now",
    "Play at the on\u200bline cas\u00adino now",
    "Лучшее онлайн-казино",
    "ऑनलाइन कैसीनो।",
    "最好的在线赌场",
  ])
    expect([message, codes(message)[0]]).toEqual([message, "topic_casino"]);
  expect(codes("Don’t miss it: 100% guaranteed")).toEqual(["topic_pitch"]);
});

test("one plain word of a topic is talk of it, and each phrase counts once", () => {
  expect(codes("We play poker on Fridays.")).toEqual([]);
  expect(found({ message: "viagra ".repeat(50) }).topic_pharma).toBe(2);
});

test("an offer with a link to it, and for a name, says more; asking for one says no more than it is", () => {
  expect(codes("Buy viagra without prescription: https://example.com")).toContain("offer_with_link");
  expect(codes("Special offer, limited time! Click here: https://example.com")).toContain("offer_with_link");
  expect(codes("Special offer, limited time! Click here.")).not.toContain("offer_with_link");
  expect(codes("Please unsubscribe me, to click here is no use: https://example.com")).not.toContain("offer_with_link");
  expect(codes("buy viagra", { name: "Viagra Shop" })).toContain("offer_for_name");
  expect(codes("poker and roulette night", { name: "Casino Luzern" })).not.toContain("offer_for_name");
});

test("words of two alphabets mixed are disguised; two languages in one text are not", () => {
  expect(codes("Buу chеар now")).toEqual(["disguised_letters"]);
  expect(codes("Мне нужен iPhone и USB-C кабель")).toEqual([]);
});

test("invisible characters between letters are a hint, and where a script needs them they are none", () => {
  expect(codes("b\u200bu\u200by n\u200bo\u200bw h\u200be\u200bre")).toEqual(["invisible_characters"]);
  expect(codes("\u1781\u200b\u1785\u200b\u179f\u200b\u17a2\u200b\u178f\u200b\u1793\u200b\u1796")).toEqual([]);
});

test("letters thrown together are no name, and long or put-together names are none of them", () => {
  expect(found({ name: "xKjHgTrQwZpL", message: "qWrTzPlKxVbN" }).gibberish).toBe(8);
  expect(found({ name: "Ada", message: "bvcxzasdfghjkl" }).gibberish).toBe(5);
  for (const name of ["Schwarzschmidt", "Wojciechowska", "Papadopoulos", "McDonaldMacLeod"])
    expect([name, codes("Hello", { last_name: name })]).toEqual([name, []]);
  expect(codes("Hello", { company: "BayerCropScienceAG" })).toEqual([]);
});

test("the same text in the name and two more fields, a first name with letters added, a whole text for a name", () => {
  expect(codes("Anna Test", { name: "Anna Test", subject: "Anna Test" })).toEqual(["stuffed"]);
  expect(codes("yes", { a: "yes", b: "yes", c: "yes" })).toEqual([]);
  expect(codes("Hello", { first_name: "Henry", last_name: "HenryLM" })).toEqual(["doubled_name"]);
  for (const [first_name, last_name] of [
    ["Martin", "Martinez"],
    ["Peter", "Petersen"],
    ["Stefan", "Stefanov"],
    ["Robert", "Roberts"],
  ] as const)
    expect(codes("Hello", { first_name, last_name })).toEqual([]);
  expect(codes("Hello", { name: "I am writing to you since I have seen your page ".repeat(3) })).toEqual(["long_name"]);
});

test("throw-away addresses are known by their domain, what is below it, and by their names", () => {
  for (const email of ["a@yopmail.com", "a@x.yopmail.com", "a@my-tempmail.example"])
    expect(codes("Hello", { email })).toEqual(["disposable_address"]);
  expect(codes("Hello", { email: "a@example.com" })).toEqual([]);
});

test("of fields without end, and of a text without end, no more than the beginning is looked at", () => {
  const fields = Object.fromEntries(
    Array.from({ length: 1_000 }, (_, i) => [`field${i}`, ["x".repeat(30), "and so on"]]),
  );
  expect(toScreened(fields, null).texts).toHaveLength(50);
  expect(toScreened({ a: "x".repeat(200_000), b: "y".repeat(200_000) }, null).prose).toHaveLength(10_000);
});

test("what the page itself wrote about the visit is no text of the person", () => {
  const url = "https://example.com/?a=<script>&q=online casino and buy viagra without prescription";
  expect(codes("Hello", { page_url: url, referrer: url, utm_campaign: "online casino, free spins" })).toEqual([]);
});
