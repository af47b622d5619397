import { type Answer, ask } from "./http.ts";

/** A page behind a link of a mail, as it stands on a gateway under test. */
export type PersonPage = {
  url: string;
  look(headers?: Record<string, string>): Promise<Answer>;
  /** Presses a button: posts fields, as a browser does. */
  press(fields?: Record<string, string>): Promise<Answer>;
};

/** The page of a link such as `https://leads.example.com/c/…`, whatever address the link says. */
export function personPage(gatewayUrl: string, link: string): PersonPage {
  const url = gatewayUrl + new URL(link).pathname;
  return {
    url,
    look: (headers = {}) => ask(url, { method: "GET", headers }),
    press: (fields = {}) =>
      ask(url, {
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams(fields).toString(),
      }),
  };
}

/** Where the form of an answer posts to, relative to the page it stands on; null when it has none. */
export function formAction(answer: Answer): string | null {
  return /<form method="post" action="([^"]+)"/.exec(answer.body)?.[1] ?? null;
}
