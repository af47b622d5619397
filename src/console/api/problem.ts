import type { Login } from "./types.ts";

/** The API's no (`application/problem+json`), or that it could not be reached: then `status` is 0. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** A sentence for people, when the API gave one. */
  readonly detail: string | null;
  readonly errors: { field: string; message: string }[];
  /** Of a 401: which ways to sign in there are. */
  readonly login: Login | null;
  /** Seconds to wait before the next try, when the API said so. */
  readonly retryAfter: number | null;

  constructor(status: number, body: ProblemBody, retryAfter: number | null = null) {
    super(body.detail ?? body.title ?? body.code ?? `answered ${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? "unknown";
    this.detail = body.detail ?? null;
    this.errors = body.errors ?? [];
    this.login = body.login ?? null;
    this.retryAfter = retryAfter;
  }
}

export type ProblemBody = {
  title?: string;
  code?: string;
  detail?: string;
  errors?: { field: string; message: string }[];
  login?: Login;
};
