/** An answer as a client gets it. Header names are lower-case. */
export type Answered = { status: number; headers: Record<string, string>; body: string };

const traces = /node:internal|node_modules|\.ts:\d+|at \w+ \(|SQLITE|errcode/;

/** @throws unless the answer is one a client can read: never a 5xx but 503, problems as RFC 9457 has them, whole pages, real JSON */
export function assertWellFormed({ status, headers, body }: Answered): void {
  const type = headers["content-type"] ?? "";
  if (status >= 500 && status !== 503) fail(`answered ${status}: ${body}`);
  if (status < 200) fail(`answered ${status}`);
  if (status === 503 || status === 429) {
    if (!/^\d+$/.test(headers["retry-after"] ?? "")) fail(`${status} without a Retry-After`);
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[\w-]+$/.test(name) || /[\0\r\n]/.test(value)) fail(`no header: ${name}: ${value}`);
  }
  if (!body.isWellFormed()) fail("the body holds half a character");
  if (type.includes("json")) assertJson(status, type, body);
  else if (type.startsWith("text/html")) assertPage(body);
  else if (status >= 400 && body !== "") fail(`a refusal of type "${type}": ${body}`);
  if (status >= 400 && traces.test(body)) fail(`an answer with the program's insides: ${body}`);
  const { location } = headers;
  if (location !== undefined && !/^(?:https?:\/\/|\/(?![/\\]))[\x21-\x7e]*$/.test(location))
    fail(`leads to ${location}`);
}

function assertJson(status: number, type: string, body: string): void {
  const json: unknown = JSON.parse(body);
  if (status < 400) return;
  if (!type.startsWith("application/problem+json")) fail(`a refusal of type ${type}`);
  if (typeof json !== "object" || json === null || Array.isArray(json)) fail(`no problem: ${body}`);
  const problem = json as Record<string, unknown>;
  const { code, title, errors } = problem;
  if (problem.status !== status || problem.type !== "about:blank") fail(`no problem: ${body}`);
  if (typeof title !== "string" || title === "") fail(`a problem without a title: ${body}`);
  if (typeof code !== "string" || !/^[a-z][a-z_]+$/.test(code)) fail(`a problem without a code: ${body}`);
  if (errors !== undefined && !(Array.isArray(errors) && errors.every(isFieldError))) fail(`odd errors: ${body}`);
}

function isFieldError(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { field, message } = error as Record<string, unknown>;
  return typeof field === "string" && typeof message === "string" && message !== "";
}

const empty = new Set(["meta", "link", "input", "br", "hr", "img"]);

/** Every element that is begun is ended, and nothing of an attribute gets out of its quotes. */
function assertPage(body: string): void {
  if (!/^<!doctype html>/i.test(body)) fail(`no page: ${body.slice(0, 200)}`);
  const open: string[] = [];
  const markup = body.replace(/<(style|script)\b[^>]*>[\s\S]*?<\/\1>/g, "");
  for (const [tag, end, name = "", rest = ""] of markup.matchAll(
    /<(\/?)([a-z][a-z0-9-]*)((?:\s+[^\s=>"]+(?:="[^"]*")?)*)\s*\/?>|<[^!]/gi,
  )) {
    if (name === "") fail(`loose "<" before ${JSON.stringify(tag)}`);
    if (/\son\w+=|javascript:/i.test(rest.replace(/="[^"]*"/g, "="))) fail(`a page that would run something: ${tag}`);
    if (empty.has(name.toLowerCase())) continue;
    if (!end) open.push(name);
    else if (open.pop() !== name) fail(`</${name}> ends nothing`);
  }
  if (open.length > 0) fail(`never ended: ${open.join(", ")}`);
}

function fail(what: string): never {
  throw new Error(what.slice(0, 2_000));
}
