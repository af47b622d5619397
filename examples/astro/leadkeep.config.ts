import { defineConfig } from "leadkeep";

// Where leads go is said by variables, see .env.example of Leadkeep: CRM_WEBHOOK_URL, HUBSPOT_ACCESS_TOKEN, SMTP_URL …
export default defineConfig({
  forms: {
    contact: {
      name: "Contact",
      consents: [
        {
          field: "consent",
          purpose: "enquiry",
          text: "You may pass my enquiry on to those who answer it.",
          version: "2026-11",
        },
      ],
    },
  },
});
