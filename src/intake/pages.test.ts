import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { anIntake, aRequest, formHeaders } from "../../test/support/intake.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import type { IntakeReply } from "./intake-request.ts";

const unavailable = { ledger: { accept: () => Promise.reject(new LedgerUnavailable("full")) } };

function styleHash({ body }: IntakeReply): string {
  const style = /<style>([\s\S]*)<\/style>/.exec(body)?.[1] ?? "";
  return createHash("sha256").update(style).digest("base64");
}

/** The inputs of a page as a browser would send them again. */
function inputsOf({ body }: IntakeReply): [string, string][] {
  const text = (html = "") =>
    html.replace(
      /&(lt|gt|quot|#39|amp);/g,
      (_, name) => ({ lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" })[name as string] ?? "",
    );
  return [
    ...body.matchAll(/<input[^>]* name="([^"]*)"[^>]*? value="([^"]*)"|<textarea[^>]* name="([^"]*)"[^>]*>\n([^<]*)</g),
  ].map(([, name, value, areaName, areaValue]) => [text(name ?? areaName), text(value ?? areaValue)]);
}

describe("the correction page", () => {
  const typed =
    "name=%3Cscript%3Ealert(1)%3C/script%3E&email=x%22y&message=one%0D%0Atwo&tag=1&tag=2&consent=on&_key=k&_redirect=/done&_unknown=u";

  test("a browser gets a page with the same status, under a strict policy that matches its style", async () => {
    const reply = await anIntake().post({ headers: formHeaders, body: typed });
    expect(reply).toMatchObject({
      status: 422,
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
    });
    expect(reply.headers["content-security-policy"]).toBe(
      `default-src 'none'; style-src 'sha256-${styleHash(reply)}'; base-uri 'none'`,
    );
    expect(reply.body).not.toContain("<script");
    expect(reply.body).toContain('<html lang="en">');
  });

  test("a consent is a ticked box whatever value it was sent with, and a field that says yes is not", async () => {
    const page = await anIntake().post({ headers: formHeaders, body: "consent=yes&message=yes" });
    expect(page.body).toMatch(/<input type="checkbox" [^>]*name="consent" value="yes" checked>/);
    expect(page.body).toMatch(/<input type="text" [^>]*name="message" value="yes">/);
  });

  test("everything typed is kept and can be sent again, to the same path", async () => {
    const headers = { ...formHeaders, referer: "https://example.com/quote?gclid=AbC" };
    const intake = anIntake();
    const page = await intake.post({ headers, body: typed });
    expect(page.body).toContain('<form method="post" action="/f/contact"');
    expect(page.body).toMatch(/<input type="checkbox" [^>]*name="consent" checked>/);
    const again = new URLSearchParams(inputsOf(page));
    expect([...again.keys()].sort()).toEqual([
      "_attribution",
      "_key",
      "_redirect",
      "email",
      "message",
      "name",
      "phone",
      "tag[]",
      "tag[]",
    ]);
    again.set("email", "ann@example.com");
    again.append("consent", "on");
    const reply = await intake.post({
      headers: { ...formHeaders, referer: "https://leads.example.com/f/contact" },
      body: again.toString(),
    });
    expect(reply.headers.location).toBe("/done");
    expect(intake.entries).toMatchObject([
      {
        key: "hash of k",
        lead: {
          formData: { name: "<script>alert(1)</script>", message: "one\r\ntwo", tag: ["1", "2"], consent: "on" },
          attribution: { url: "https://example.com/quote?gclid=AbC", parameters: { gclid: "AbC" } },
        },
      },
    ]);
  });

  test("errors stand in a summary and beside their fields, contact fields not used are offered", async () => {
    const { body } = await anIntake().post({ headers: formHeaders, body: "mail=nope" });
    expect(body).toMatch(/<div role="alert">[\s\S]*<a href="#field-0">Mail: Enter an e-mail address/);
    expect(body).toMatch(/id="field-0" name="mail" aria-invalid="true" aria-describedby="field-0-error"/);
    expect(body).toContain('<p class="error" id="field-0-error">Enter an e-mail address like name@example.com.</p>');
    expect(body).toContain('name="phone"');
    expect(body).not.toContain('name="email"');
  });

  test("fields that pages fill in themselves stay hidden", async () => {
    const { body } = await anIntake().post({ headers: formHeaders, body: "name=Ann&utm_source=mail" });
    expect(body).toContain('<input type="hidden" name="utm_source" value="mail">');
    expect(body).not.toContain("Utm source");
  });

  test("no key is made up for a submission without one", async () => {
    expect((await anIntake().post({ headers: formHeaders, body: "name=Ann" })).body).not.toContain("_key");
  });

  test("an unavailable ledger shows the form again, filled in", async () => {
    const reply = await anIntake({}, unavailable).post({ headers: formHeaders, body: "email=ann@example.com" });
    expect(reply).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(inputsOf(reply)).toEqual([["email", "ann@example.com"]]);
  });

  test("a file is asked for again, in a form that can send it", async () => {
    const body = '--X\r\nContent-Disposition: form-data; name="cv"; filename="cv.txt"\r\n\r\nhello\r\n--X--\r\n';
    const reply = await anIntake().post({ headers: { "content-type": "multipart/form-data; boundary=X" }, body });
    expect(reply.body).toContain('enctype="multipart/form-data"');
    expect(reply.body).toContain('<input type="file" id="field-0" name="cv">');
  });

  test("before the body was read the page only says what happened", async () => {
    const reply = await anIntake().post({ form: "nope", headers: formHeaders });
    expect(reply.status).toBe(404);
    expect(reply.body).toContain("There is no such form");
    expect(reply.body).not.toContain("<form");
  });
});

describe("the thank-you page", () => {
  const thanks = (origins: string[], referer?: string) =>
    anIntake({ origins }).thanks(aRequest({ method: "GET", headers: referer ? { referer } : {} }));

  test("says thank you, under the same policy", () => {
    const reply = thanks([]);
    expect(reply.status).toBe(200);
    expect(reply.headers["content-security-policy"]).toContain(styleHash(reply));
    expect(reply.body).not.toContain("<a");
  });

  test("leads back to a page whose origin is allowed", () => {
    expect(thanks([], "https://any.example/a?b&c").body).toContain(
      '<a href="https://any.example/a?b&amp;c">Back to the site</a>',
    );
    expect(thanks(["https://example.com"], "https://example.com/").body).toContain("Back to the site");
  });

  test.each(["https://evil.example/", "javascript:alert(1)", "nonsense", "https://leads.example.com/f/contact"])(
    "does not lead back to %s",
    (referer) => {
      expect(thanks(["https://example.com"], referer).body).not.toContain("<a");
    },
  );

  test("an unknown form is 404", () => {
    expect(anIntake().thanks(aRequest({ form: "nope", headers: { accept: "application/json" } })).status).toBe(404);
  });
});
