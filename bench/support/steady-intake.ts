import { Agent, request } from "node:http";
import { submission } from "./a-submission.ts";

/** Submissions that come at a steady pace whatever happens. */
export type SteadyIntake = {
  /** How long each took that has been answered since the last time, in milliseconds from the moment it was due to be sent. */
  take(): number[];
  /** Resolves when all are answered. @throws when one was not accepted */
  stop(): Promise<void>;
};

const tickMs = 2;

/** Begins. What waits because the gateway stalls counts with all of its waiting, as it would for visitors. */
export function startIntake(url: string, perSecond: number): SteadyIntake {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const body = JSON.stringify(submission);
  const begunAt = performance.now();
  let sent = 0;
  let took: number[] = [];
  let refused = 0;
  const under = new Set<Promise<void>>();

  const timer = setInterval(() => {
    for (; begunAt + (sent * 1_000) / perSecond <= performance.now(); sent++) {
      const dueAt = begunAt + (sent * 1_000) / perSecond;
      const one = post(url, body, agent).then((status) => {
        if (status === 202) took.push(performance.now() - dueAt);
        else refused += 1;
        under.delete(one);
      });
      under.add(one);
    }
  }, tickMs);

  return {
    take() {
      const all = took;
      took = [];
      return all;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(under);
      agent.destroy();
      if (refused > 0) throw new Error(`${refused} submissions to ${url} were not accepted`);
    },
  };
}

/** Resolves to the status of the answer; 0 when there is none. */
function post(url: string, body: string, agent: Agent): Promise<number> {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const posted = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    });
    posted.on("error", () => resolve(0));
    posted.end(body);
  });
}
