/** The body as read, or why it could not be. Whoever owns the socket reads it, within limits of size and time. */
export type BodyRead =
  | { type: "bytes"; bytes: Uint8Array }
  | { type: "too_large" }
  | { type: "timed_out" }
  /** Not read at all: too many are being answered as it is. */
  | { type: "crowded" }
  | { type: "aborted" };

/** What intake needs to know of an HTTP request, whichever server it came through. */
export type IntakeRequest = {
  method: string;
  /** The form's id as it stands in the path. */
  form: string;
  /** The path as the visitor's browser knows it, e.g. `/f/contact`. */
  path: string;
  /** Value of a header by its lower-case name; null when absent. */
  header(name: string): string | null;
  /** The visitor's network address; null when unknown. */
  address: string | null;
  /** Origin the request was addressed to, e.g. `https://leads.example.com`; null when unknown. Its own posts are always allowed. */
  origin: string | null;
  /** The submission's idempotency key where it brings none of its own: a forwarder's, who may have to send it twice. */
  fallbackKey?: string;
  readBody(limitBytes: number): Promise<BodyRead>;
};

/** A whole reply; header names are lower-case. */
export type IntakeReply = { status: number; headers: Record<string, string>; body: string };
