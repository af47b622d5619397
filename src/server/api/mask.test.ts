import { expect, test } from "vitest";
import type { LeadJson, LeadRow } from "./lead-schemas.ts";
import { maskLead, maskRow } from "./mask.ts";

const at = "2026-11-24T09:30:00.000Z";

/** Every text a lead can hold names the field it stands in, so that what is left after masking can be told. */
const full: LeadJson = {
  event_id: "open:event_id",
  event_type: "lead.created",
  schema_version: "1",
  lead_id: "open:lead_id",
  form: "open:form",
  form_name: "open:form_name",
  state: "active",
  submitted_at: at,
  email: "secret-email@example.com",
  phone: "+44secret79460912",
  name: "secret-name secret-surname",
  first_name: "secret-first",
  last_name: "secret-last",
  company: "secret-company",
  message: "secret-message",
  timezone: "secret-timezone",
  source: {
    url: "https://example.com/open-page?email=secret-query#secret-fragment",
    referrer: "https://example.com/open-referrer?q=secret-search",
    utm_source: "open:utm_source",
    utm_campaign: "open:utm_campaign",
    gclid: "secret-gclid",
    fbclid: null,
    own_parameter: "secret-parameter",
    first_touch: {
      url: "https://example.com/open-touch?secret-touch",
      at,
      utm_medium: "open:medium",
      gclid: "secret-touch",
    },
    consent_state: { ad_storage: "open:granted" },
  },
  form_data: { "open:field": "secret-value", nested: { inner: ["secret-inner"] }, empty: null },
  ip_address: "secret-ip",
  user_agent: "secret-agent",
  consent_given: true,
  consent_timestamp: at,
  consents: [
    {
      purpose: "open:purpose",
      action: "granted",
      granted: true,
      text: "open:wording",
      version: "open:version",
      at,
      source: "form",
      control: "open:control",
      page_url: "https://example.com/open-consent?email=secret-consent",
      locale: "open:locale",
      recipients: ["open:recipient"],
      form_version: "open:form-version",
    },
  ],
  deliveries: [
    {
      id: "open:delivery",
      destination: "open:destination",
      kind: "open:kind",
      event: "lead.created",
      purpose: "open:purpose",
      state: "dead",
      attempts: [
        {
          n: 1,
          started_at: at,
          duration_ms: 5,
          outcome: "rejected",
          status: 400,
          reason: { code: "open:code", message: "open:reason" },
          basis: "consent",
        },
      ],
      next_attempt_at: null,
      reason: { code: "open:code", message: "open:reason" },
      ref: "secret-ref",
      warnings: ["secret-warning"],
    },
  ],
  work: { stage: "working", assignee: "open:assignee", note: "secret-note", at },
  acts: [{ n: 1, at, actor: { type: "console", name: "open:colleague" }, act: "open:act", subject: "open:subject" }],
  links: { "open:delivery": "https://vendor.example.com/secret-link" },
  missing: {},
  screening: null,
  masked: false,
};

test("nothing personal of a lead is left for those who may not see it", () => {
  const shown = JSON.stringify(maskLead(full));
  expect(shown.match(/secret[\w-]*/g)).toBeNull();
});

test("what was written by the site, by colleagues and by the machine stays readable", () => {
  const open = (lead: LeadJson): string[] => [...new Set(JSON.stringify(lead).match(/open[:-][\w-]+/g))].sort();
  expect(open(maskLead(full))).toEqual(open(full));
});

test("a masked lead says so, and keeps its shape", () => {
  const shown = maskLead(full);
  expect(shown.masked).toBe(true);
  expect(Object.keys(shown).sort()).toEqual(Object.keys(full).sort());
  expect(shown.form_data).toEqual({ "open:field": "•••", nested: "•••", empty: null });
});

const row: LeadRow = {
  lead_id: "lead_1",
  form: "contact",
  form_name: "Contact",
  state: "active",
  received_at: at,
  name: "Ada King Lovelace",
  email: "ada@example.com",
  phone: "+442079460912",
  company: "Analytical Engines",
  preview: "Call me",
  source: "google",
  campaign: "autumn",
  quarantine: [],
  screening: null,
  deliveries: [],
  work: { stage: "new", assignee: "Grace", note: "met at the fair", at },
};

test("a row shows enough to tell leads apart, and not who they are", () => {
  expect(maskRow(row)).toEqual({
    ...row,
    name: "A… K… L…",
    email: "a…@example.com",
    phone: "+44…12",
    company: "•••",
    preview: "•••",
    work: { ...row.work, note: "•••" },
  });
});

test("what is absent stays absent, and what is odd is hidden whole", () => {
  const bare = { ...row, name: null, email: null, phone: null, company: null, preview: "" };
  expect(maskRow(bare)).toMatchObject({ name: null, email: null, phone: null, company: null, preview: "" });
  expect(maskRow({ ...row, name: "  ", email: "@example.com", phone: "12345" })).toMatchObject({
    name: "",
    email: "•••",
    phone: "•••",
  });
  expect(maskRow({ ...row, name: "😀 Ümit", email: "ü@example.com", phone: "020 7946 0912" })).toMatchObject({
    name: "😀… Ü…",
    email: "ü…@example.com",
    phone: "…12",
  });
});
