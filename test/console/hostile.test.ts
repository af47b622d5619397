import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { aLead } from "../support/a-lead.ts";
import { aConsole, type TestConsole } from "./support/a-console.ts";

/** An element of the page, as far as these tests look at one: the browser's own types are not among those of the tests. */
type PageElement = { getAttribute(name: string): string | null; closest(selector: string): object | null };

let console: TestConsole;
beforeAll(async () => {
  console = await aConsole();
});
afterAll(() => console.close());
afterEach(() => expect(console.complaints).toEqual([]));

const script = `"><script>document.title="pwned"</script><img src=x onerror='document.title="pwned"'>`;

test("scripts, markup and odd links that a visitor typed are shown as text and do nothing", async () => {
  const lead = await console.gateway.post(
    aPerson({
      name: script,
      company: script,
      message: `${script} javascript:alert(1)`,
      [script]: script,
      page_url: "javascript:alert(document.cookie)",
      website: "javascript:alert(1)",
      _consent_text: script,
    }),
  );
  for (const path of ["/leads", `/leads/${lead}`]) {
    const page = await console.open(path);
    await page.getByText("onerror").first().waitFor();
    if (path !== "/leads") await page.getByRole("button", { name: "Show", exact: true }).click();
    expect(await page.title()).not.toBe("pwned");
    expect(await page.locator("#root script, #root img").count()).toBe(0);
    const addresses = await page
      .getByRole("link")
      .evaluateAll((links) => links.map((link) => (link as unknown as PageElement).getAttribute("href")));
    expect(addresses.filter((address) => !/^(\/console|https?:|mailto:|tel:|#)/.test(address ?? ""))).toEqual([]);
  }
});

test("text that turns its direction stays within its own bounds", async () => {
  const lead = await console.gateway.post(
    aPerson({ name: "\u202Eevil\u202C\u2067abc", message: "\u202Etxet sdrawkcab" }),
  );
  const page = await console.open(`/leads/${lead}`);
  await page.getByText("txet").first().waitFor();
  const outside = await page
    .getByText(/\u202E/)
    .evaluateAll(
      (elements) =>
        elements.filter((element) => !(element as unknown as PageElement).closest("bdi, title, textarea, input"))
          .length,
    );
  expect(outside).toBe(0);
});

test("a message of a megabyte is shown in part first, and the page stays at hand", async () => {
  const lead = aLead({
    name: "Long Letter",
    message: "x".repeat(1_000_000),
    formData: { message: "x".repeat(1_000_000) },
  });
  await console.gateway.gateway.ledger.accept({ lead, deliveries: [], key: null });
  const page = await console.open(`/leads/${lead.id}`);
  await page
    .getByRole("button", { name: /^Show all/ })
    .first()
    .click();
  await page.getByRole("button", { name: "Show less" }).first().click();
  const list = await console.open("/leads");
  await list.getByRole("link", { name: "Long Letter" }).waitFor();
});

test("emoji, zeros and nothing at all are shown as what they are", async () => {
  const lead = await console.gateway.post(
    aPerson({
      name: "👩‍👩‍👧‍👦🏳️‍🌈",
      message: "null",
      zero: 0,
      nothing: null,
      empty: "",
      list: ["a", null, 0],
      deep: { a: [{}] },
    }),
  );
  const page = await console.open(`/leads/${lead}`);
  await page.getByRole("heading", { name: "👩‍👩‍👧‍👦🏳️‍🌈" }).waitFor();
  const text = await page.getByRole("region", { name: "Enquiry" }).textContent();
  expect(text).toContain("zero");
  expect(text).toContain("deep");
});
