import { existsSync, readFileSync } from "node:fs";
import { type Answer, ask } from "./http.ts";
import { type Ended, type RunningCommand, spawnLeadkeep } from "./leadkeep-command.ts";

/** One exchange over HTTP, whole: what was sent, and what came back. */
export type Exchange = { what: string; sent: string; answer: Answer };
/** A command that ran to its end beside the gateway. */
export type CommandRun = Ended & { args: readonly string[] };

/** What can be seen of a gateway from outside, all of it, from its first start on. */
export type Evidence = {
  /** What every process of it printed. */
  printed: Ended[];
  /** How each process shows in a list of processes. */
  listed: string[];
  exchanges: Exchange[];
  commands: CommandRun[];
  /** What the live events said. */
  events: string;
};

type Asked = { method?: string; headers?: Record<string, string>; body?: unknown };

/** `leadkeep start` in processes of its own, one after the other on the same folder; everything it says is kept. */
export type AuditedGateway = {
  evidence: Evidence;
  start(): Promise<void>;
  /** Ends the process, and with SIGKILL in the middle of what it does; null: it is to end by itself. */
  stop(signal?: "SIGTERM" | "SIGKILL" | null): Promise<void>;
  ask(what: string, path: string, asked?: Asked): Promise<Answer>;
  /** One request to the API, as a script unless `headers` say who. */
  api(method: string, path: string, asked?: Omit<Asked, "method">): Promise<Answer>;
  leadkeep(...args: string[]): Promise<Ended>;
};

export function anAuditedGateway({
  folder,
  variables,
}: {
  folder: string;
  variables: Record<string, string>;
}): AuditedGateway {
  const evidence: Evidence = { printed: [], listed: [], exchanges: [], commands: [], events: "" };
  let running: RunningCommand | null = null;
  let url = "";
  let listening = new AbortController();

  /** How the process shows in a list of processes, where the system keeps one that can be read. */
  function look(): void {
    const files = ["cmdline", "comm"].map((file) => `/proc/${running?.pid}/${file}`).filter((file) => existsSync(file));
    evidence.listed.push(...files.map((file) => readFileSync(file, "utf8")));
  }

  async function exchange(what: string, path: string, asked: Asked = {}): Promise<Answer> {
    const answer = await ask(url + path, asked);
    const { headers = {}, body = "" } = asked;
    const text = typeof body === "string" ? body : JSON.stringify(body);
    evidence.exchanges.push({ what, sent: `${path}\n${JSON.stringify(headers)}\n${text}`, answer });
    return answer;
  }

  return {
    evidence,
    async start() {
      running = spawnLeadkeep(["start"], { folder, variables });
      [, url = ""] = await running.said(/listening on (http:\S+)/);
      look();
      listening = new AbortController();
      listen(url, variables.LEADKEEP_API_TOKEN ?? "", listening.signal, evidence);
    },
    async stop(signal = "SIGTERM") {
      listening.abort();
      look();
      if (signal) running?.signal(signal);
      const ended = await running?.ended;
      if (ended) evidence.printed.push(ended);
      running = null;
    },
    ask: exchange,
    api: (method, path, { headers, body } = {}) =>
      exchange(`${method} ${path}`, `/api/v1${path}`, {
        method,
        headers: {
          ...(headers ?? { authorization: `Bearer ${variables.LEADKEEP_API_TOKEN}` }),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body,
      }),
    async leadkeep(...args) {
      const ended = await spawnLeadkeep(args, { folder, variables }).ended;
      evidence.commands.push({ args, ...ended });
      return ended;
    },
  };
}

/** Listens to the live events until the process ends. */
async function listen(url: string, token: string, signal: AbortSignal, evidence: Evidence): Promise<void> {
  try {
    const { body } = await fetch(`${url}/api/v1/events`, { headers: { authorization: `Bearer ${token}` }, signal });
    for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) evidence.events += chunk;
  } catch {
    // A process that is killed says no goodbye.
  }
}
