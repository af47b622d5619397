import type { Lead } from "./lead.ts";

/** An invented lead, for previews and test mails. `now` in epoch milliseconds. */
export function sampleLead(now: number): Lead {
  const consent = { version: "2026-11", at: now, source: "form", pageUrl: "https://www.example.com/contact" } as const;
  return {
    id: "lead_019ab000-0000-7000-8000-00007f3a91c2",
    state: "active",
    form: "contact",
    formName: "Contact",
    receivedAt: now,
    email: "jane.roe@example.com",
    phone: "+442079460958",
    name: "Jane Roe",
    firstName: "Jane",
    lastName: "Roe",
    company: "Roe & Daughters Ltd",
    message:
      "Hello,\n\nwe would like a quote for twelve desks, delivered in January. Our floor plan is at https://example.com/plan.pdf.\n\nJane",
    timezone: "Europe/London",
    formData: {
      name: "Jane Roe",
      email: "jane.roe@example.com",
      budget: "5,000 to 10,000",
      delivery: ["Assembly", "Removal of the old ones"],
    },
    attribution: {
      url: "https://www.example.com/contact?utm_source=google",
      referrer: "https://www.google.com/",
      parameters: { utm_source: "google", utm_medium: "cpc", utm_campaign: "autumn", gclid: "sample-click-id" },
      from: "script",
    },
    ipAddress: null,
    userAgent: null,
    person: null,
    consents: [
      {
        purpose: "enquiry",
        action: "granted",
        text: "You may use my details to answer me.",
        control: "consent",
        ...consent,
      },
      { purpose: "marketing", action: "refused", text: null, control: "marketing_consent", ...consent },
    ],
  };
}
