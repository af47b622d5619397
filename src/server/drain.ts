import type { Handler } from "hono";
import type { Gateway } from "../gateway.ts";
import { LedgerUnavailable } from "../model/errors.ts";
import { isSame } from "./sign-in/secret.ts";

/** Longer than hosts let a request run. */
const longestBudgetMs = 600_000;

/**
 * `POST /internal/drain?budget_ms=20000` with `Authorization: Bearer {LEADKEEP_DRAIN_TOKEN}`: a timer has what is due delivered.
 * Without that variable there is nothing at this address.
 */
export function drainRoute({ drain, options: { drainToken } }: Gateway): Handler {
  return async (c) => {
    if (drainToken === null) return c.notFound();
    const given = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1] ?? "";
    if (!isSame(given, drainToken)) {
      return problem(401, "unauthorized", "Send the drain token.", { "www-authenticate": "Bearer" });
    }
    const budget = c.req.query("budget_ms");
    if (budget !== undefined && !isBudget(budget)) {
      return problem(400, "malformed", `budget_ms must be a whole number from 1 to ${longestBudgetMs}.`);
    }
    try {
      return c.json(await drain(budget === undefined ? {} : { budgetMs: Number(budget) }));
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      return problem(503, "ledger_unavailable", "The ledger cannot be used just now.", { "retry-after": "5" });
    }
  };
}

function isBudget(text: string): boolean {
  return /^[1-9]\d*$/.test(text) && Number(text) <= longestBudgetMs;
}

function problem(status: number, code: string, title: string, headers: Record<string, string> = {}): Response {
  const body = { type: "about:blank", title, status, code, instance: "/internal/drain" };
  return Response.json(body, { status, headers: { ...headers, "content-type": "application/problem+json" } });
}
