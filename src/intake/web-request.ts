import type { BodyRead, IntakeReply, IntakeRequest } from "./intake-request.ts";

/** Longest a body may take to arrive. */
const bodyTimeoutMs = 15_000;

/** A web `Request` as intake reads it. `publicUrl` is the gateway's own address as browsers know it, when configured. */
export function intakeRequestOf(
  request: Request,
  address: string | null | undefined,
  publicUrl: string | null,
): Omit<IntakeRequest, "form" | "path"> {
  return {
    method: request.method,
    header: (name) => request.headers.get(name),
    address: address ?? null,
    origin: new URL(publicUrl ?? request.url).origin,
    readBody: (limitBytes) => readBody(request, limitBytes),
  };
}

/** Intake's reply as a web `Response`. */
export function responseOf({ status, headers, body }: IntakeReply): Response {
  return new Response(status === 204 ? null : body, { status, headers });
}

async function readBody(request: Request, limitBytes: number): Promise<BodyRead> {
  const reader = request.body?.getReader();
  if (!reader) return { type: "bytes", bytes: new Uint8Array() };
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<BodyRead>((resolve) => {
    timer = setTimeout(() => resolve({ type: "timed_out" }), bodyTimeoutMs);
  });
  const result = await Promise.race([readAll(reader, limitBytes), timedOut]);
  clearTimeout(timer);
  if (result.type !== "bytes") reader.cancel().catch(() => {});
  return result;
}

async function readAll(reader: ReadableStreamDefaultReader<Uint8Array>, limitBytes: number): Promise<BodyRead> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return { type: "bytes", bytes: Buffer.concat(chunks) };
      length += value.length;
      if (length > limitBytes) return { type: "too_large" };
      chunks.push(value);
    }
  } catch {
    return { type: "aborted" };
  }
}
