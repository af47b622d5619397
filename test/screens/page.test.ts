import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { altcha } from "../../src/config/screens.ts";
import { aFormPage, aVisit, fillIn, said, send, type Visit } from "../support/a-visit.ts";
import { openBrowser } from "../support/chromium.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());

const policy = ({ leadsUrl }: Visit) =>
  `default-src 'none'; script-src ${leadsUrl}; connect-src ${leadsUrl}; form-action ${leadsUrl}; img-src data:`;

/** A visitor on a page that loads its form's `screens.js`, with `leadkeep.js` or without any other script. */
async function aScreenedVisit(captcha?: ReturnType<typeof altcha>): Promise<Visit> {
  const forms = { contact: captcha ? { captcha } : {} };
  const visit = await aVisit(browser, { gateway: { config: { forms } } });
  const head = `<script src="${visit.leadsUrl}/f/contact/screens.js" defer></script>`;
  visit.put("/", { html: aFormPage(visit, { head }), policy: policy(visit) });
  const plain = aFormPage(visit, { head, form: "" }).replace(/<script src="[^"]*leadkeep\.js"[^>]*><\/script>/, "");
  visit.put("/plain", { html: plain, policy: policy(visit) });
  return visit;
}

function sentIn({ posts }: Visit, index: number): URLSearchParams {
  return new URLSearchParams(posts[index]?.body);
}

test("screens.js gives the form a stamp and a field no person, keyboard or password manager gets to", async () => {
  const visit = await aScreenedVisit();
  const page = await visit.open();
  const trap = page.locator('input[name="reply_subject"]');
  await trap.waitFor({ state: "attached" });
  const attributes = await trap.evaluate((input) =>
    Object.fromEntries(
      Array.from(
        (input as unknown as { attributes: Iterable<{ name: string; value: string }> }).attributes,
        ({ name, value }) => [name, value],
      ),
    ),
  );
  expect(attributes).toMatchObject({
    tabindex: "-1",
    autocomplete: "off",
    "data-1p-ignore": "true",
    "data-lpignore": "true",
  });
  expect(attributes).toMatchObject({
    "data-bwignore": "true",
    "data-protonpass-ignore": "true",
    "data-form-type": "other",
  });
  expect(await page.locator('[aria-hidden="true"] input[name="reply_subject"]').count()).toBe(1);
  expect(await page.getByRole("textbox").count()).toBe(3);
  const box = await trap.boundingBox();
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(0);
  await fillIn(page);
  await page.waitForTimeout(3_100);
  await send(page);
  await said(page, "Thanks!");
  expect(sentIn(visit, 0).get("_stamp")).toMatch(/^\d+\./);
  const [lead] = await visit.leads();
  expect(lead).toMatchObject({ state: "active" });
  expect(lead).not.toHaveProperty("screening");
  expect(lead?.formData).not.toHaveProperty("reply_subject");
  expect(visit.violations).toEqual([]);

  // A second enquiry from the same page has a stamp of its own.
  await page.waitForFunction((before) => {
    const inPage = globalThis as unknown as { document: { querySelector(s: string): { value: string } | null } };
    return inPage.document.querySelector("input[name=_stamp]")?.value !== before;
  }, sentIn(visit, 0).get("_stamp"));
});

test("a bot that fills in every field it finds is quarantined, and thanked like anyone", async () => {
  const visit = await aScreenedVisit();
  const page = await visit.open();
  await fillIn(page);
  await page.locator('input[name="reply_subject"]').evaluate((input) => {
    (input as unknown as { value: string }).value = "Great offer";
  });
  await send(page);
  await said(page, "Thanks!");
  expect(await visit.leads()).toMatchObject([{ state: "quarantined" }]);
});

test.for(["/", "/plain"])(
  "a proof of work is solved by the page itself, and no one has to wait for it (%s)",
  async (path) => {
    const visit = await aScreenedVisit(altcha({ maxNumber: 20_000 }));
    const page = await visit.open(path);
    await fillIn(page);
    // At once: the form waits for the solution and is sent then.
    await send(page);
    const [lead] = await visit.leadsAt(1);
    const codes = lead?.screening?.reasons.map(({ code }) => code) ?? [];
    expect([lead?.state, codes.filter((code) => code.startsWith("captcha"))]).toEqual(["active", []]);
    expect(lead?.formData).not.toHaveProperty("altcha");
    expect(visit.violations).toEqual([]);
  },
);
