import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../support/until.ts";
import { aProgram } from "./a-program.ts";

test("file descriptors run out: what is accepted meanwhile is kept, and everybody is answered once there are some again", async () => {
  const program = await aProgram({ limits: "ulimit -n 60" });
  const { hostname, port } = new URL(program.url);
  const accepted: (string | null)[] = [(await program.post()).lead];
  const early = await aConnection(hostname, Number(port));
  const crowd: Socket[] = Array.from({ length: 200 }, () => connect(Number(port), hostname).on("error", () => {}));
  await new Promise((settle) => setTimeout(settle, 300));

  const meanwhile = await Promise.allSettled(
    Array.from({ length: 10 }, () =>
      Promise.race([program.post(), new Promise<null>((late) => setTimeout(late, 1_500, null))]),
    ),
  );
  for (const one of meanwhile) {
    if (one.status === "rejected" || one.value === null) continue;
    expect([202, 503]).toContain(one.value.answer.status);
    accepted.push(one.value.lead);
  }
  expect(program.ended()).toBe(false);
  // Who is connected already is served as ever: keeping a lead takes no descriptor.
  const served = await early.post();
  expect(served).toMatch(/^HTTP\/1\.1 202 /);
  accepted.push(/lead_[0-9a-f-]{36}/.exec(served)?.[0] ?? "");

  for (const socket of crowd) socket.destroy();
  const { lead } = await until(async () => {
    const posted = await program.post().catch(() => null);
    return posted !== null && posted.lead !== null && posted;
  });
  accepted.push(lead);
  const records = await program.records();
  expect(accepted.filter((one) => one !== null && !records.has(one))).toEqual([]);
}, 60_000);

/** A connection that was there before the crowd; `post` resolves to the answer as it comes. */
async function aConnection(host: string, port: number): Promise<{ post(): Promise<string> }> {
  const socket = connect(port, host);
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  const body = '{"email":"early@example.com","consent":"on"}';
  const head = `POST /f/contact HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`;
  return {
    async post() {
      socket.write(`${head}\r\n\r\n${body}`);
      const [answer] = (await once(socket, "data")) as [Buffer];
      return answer.toString();
    },
  };
}
