/** A typical submission: who, how to reach them, what they want, consent, and where they came from. */
export const submission = {
  name: "Ada Lovelace",
  email: "ada@example.com",
  phone: "+44 20 7946 0018",
  company: "Analytical Engines",
  message: "We would like an offer for the roof of our workshop. ".repeat(6),
  consent: "on",
  _consent_text: "I agree that my enquiry is passed on to the companies that can answer it.",
  page_url: "https://example.com/offer?utm_source=google&utm_medium=cpc&utm_campaign=autumn&gclid=Cj0KCQiA",
  referrer: "https://www.google.com/",
  timezone: "Europe/London",
};
