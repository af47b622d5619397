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

/** A body as it is sent, with the headers that go with it. */
export type Body = { headers: Record<string, string>; body: string };

const boundary = "----leadkeepBench7MA4YWxkTrZu0gW";
const asBrowsersDo = { accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8" };

/** The submission as scripts and as browsers send it. */
export const bodies = {
  JSON: { headers: { "content-type": "application/json" }, body: JSON.stringify(submission) },
  urlencoded: {
    headers: { ...asBrowsersDo, "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(submission).toString(),
  },
  multipart: {
    headers: { ...asBrowsersDo, "content-type": `multipart/form-data; boundary=${boundary}` },
    body: `${Object.entries(submission).map(partOf).join("")}--${boundary}--\r\n`,
  },
} satisfies Record<string, Body>;

/** The submission of so many people: two leads of one person are never delivered to the same destination at once. */
export function bodiesOfPeople(count: number): Body[] {
  return Array.from({ length: count }, (_, i) => ({
    headers: bodies.JSON.headers,
    body: JSON.stringify({ ...submission, email: `ada${i}@example.com` }),
  }));
}

function partOf([name, value]: [string, string]): string {
  return `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}
