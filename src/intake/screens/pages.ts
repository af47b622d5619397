import { defaultScreens, type Form } from "../../model/form.ts";
import type { IntakeReply, IntakeRequest } from "../intake-request.ts";
import { judgeOrigin } from "../origin.ts";
import type { Screens } from "./screens.ts";

/** What a page may ask for beside its form: a stamp, a challenge, or the script that brings both. */
export type ScreenPage = "stamp" | "challenge" | "screens.js";

export type ScreenPagesOptions = {
  findForm(id: string): Form | null;
  screens: Pick<Screens, "stamps" | "altcha">;
  /** The browser's part, as built; null when it was not. */
  script(): string | null;
};

/** Answers a GET of `/f/{form}/stamp`, `…/challenge` and `…/screens.js`. Nothing is to be cached: each is made for one page. */
export function createScreenPages({ findForm, screens, script }: ScreenPagesOptions) {
  return function answer(page: ScreenPage, request: IntakeRequest): IntakeReply {
    const form = findForm(request.form);
    if (!form) return text(404, "There is no such form.\n", {});
    const { headers } = judgeOrigin(form.origins, request);
    const { captcha, honeypots } = form.screens ?? defaultScreens;
    const stamp = screens.stamps.give(form.id);
    const challenge = captcha?.type === "altcha" ? screens.altcha.challenge(form.id, captcha.maxNumber) : null;
    switch (page) {
      case "stamp":
        return json({ stamp }, headers);
      case "challenge":
        return challenge ? json(challenge, headers) : text(404, "This form has no such captcha.\n", headers);
      case "screens.js": {
        const code = script();
        if (code === null) return text(404, "screens.js is not built: run `npm run build`\n", headers);
        const settings = { form: form.id, stamp, honeypot: honeypots[0] ?? null, challenge };
        return {
          status: 200,
          headers: {
            ...common,
            ...headers,
            "content-type": "text/javascript; charset=utf-8",
            "cross-origin-resource-policy": "cross-origin",
          },
          body: `(self.leadkeepScreens??=[]).push(${JSON.stringify(settings)});\n${code}`,
        };
      }
    }
  };
}

const common = { "cache-control": "no-store", "x-content-type-options": "nosniff" };

function json(body: object, headers: Record<string, string>): IntakeReply {
  return {
    status: 200,
    headers: { ...common, ...headers, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

function text(status: number, body: string, headers: Record<string, string>): IntakeReply {
  return { status, headers: { ...common, ...headers, "content-type": "text/plain; charset=utf-8" }, body };
}
