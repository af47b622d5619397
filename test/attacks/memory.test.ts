import { readFileSync } from "node:fs";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { startLeadkeep } from "../support/leadkeep-command.ts";
import { aFolder } from "../support/sqlite-file.ts";
import { until } from "../support/until.ts";

const mebibyte = 1024 * 1024;
/** Of JavaScript; beyond it the program would be gone. */
const heapMiB = 128;
/** All of it: the program itself, its heap, and the room bodies have. */
const mostMiB = 420;

const boundary = "b".repeat(32);
const json = { "content-type": "application/json" };
const multipart = { "content-type": `multipart/form-data; boundary=${boundary}` };
const urlencoded = { "content-type": "application/x-www-form-urlencoded" };

/** Each is sent again and again, by several at once. */
const bodies: [Record<string, string>, string | Buffer][] = [
  [{ ...json, "content-encoding": "gzip" }, gzipSync(Buffer.alloc(20 * mebibyte, " "))],
  [json, `{"a":${"[".repeat(120_000)}${"]".repeat(120_000)}}`],
  [json, JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [String(n * 4_096), 0])))],
  [json, JSON.stringify({ email: "a@example.com", message: "h-_a.".repeat(50_000) })],
  [json, JSON.stringify({ email: "a@example.com", list: Array.from({ length: 9_000 }, () => "x".repeat(20)) })],
  [multipart, `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n`.repeat(2_500)],
  [multipart, `--${boundary}\r\n`.repeat(7_000)],
  [urlencoded, "a=1&".repeat(60_000)],
  [urlencoded, `email=a@example.com&message=${"%E9".repeat(80_000)}`],
  [json, Buffer.alloc(2 * mebibyte, " ")],
];

// The size of a process is read as Linux tells it.
test.skipIf(process.platform !== "linux")(
  "memory stays bounded under slow, many, large, nested and compressed at once, and a good lead is taken then",
  async () => {
    const program = startLeadkeep(["start"], {
      folder: aFolder(),
      variables: { PORT: "0", LEADKEEP_LOG_LEVEL: "info", NODE_OPTIONS: `--max-old-space-size=${heapMiB}` },
    });
    const [url = ""] = await program.said(/http:\/\/127\.0\.0\.1:\d+/);
    const sockets = new Set<Socket>();
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
    });

    function hold(text: string): void {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      sockets.add(socket);
      socket.on("error", () => {}).once("close", () => sockets.delete(socket));
      socket.write(text);
    }

    const head = "POST /f/contact HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
    const large = `${head}Content-Length: 250000\r\n\r\n${" ".repeat(240_000)}`;
    for (let n = 0; n < 1_500; n++) hold(large);
    for (let n = 0; n < 500; n++) hold(`${head}X-A: ${"x".repeat(8_000)}\r\n`);
    for (let n = 0; n < 200; n++) hold(`${head}X-A: ${"x".repeat(200_000)}\r\n\r\n`);

    const statuses = new Set<number>();
    const rounds = bodies.map(async ([headers, body]) => {
      for (let n = 0; n < 6; n++) statuses.add(await send(`${url}/f/contact`, headers, body));
    });
    await Promise.all(rounds);
    expect(
      [...statuses].filter((status) => ![202, 303, 400, 408, 413, 415, 422, 429, 503, 0].includes(status)),
    ).toEqual([]);

    const good = await until(async () => {
      const status = await send(`${url}/f/contact`, json, '{"email":"ada@example.com","consent":true}');
      return status === 202 && status;
    });
    expect(good).toBe(202);
    const peakMiB = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${program.pid}/status`, "utf8"))?.[1]) / 1_024;
    expect(peakMiB).toBeLessThan(mostMiB);
    expect(peakMiB).toBeGreaterThan(40);
    program.signal("SIGTERM");
    expect((await program.ended).code).toBe(0);
  },
  120_000,
);

/** The status; 0 where the connection was cut. */
function send(url: string, headers: Record<string, string>, body: string | Buffer): Promise<number> {
  return new Promise((resolve) => {
    const sent = request(url, { method: "POST", headers, agent: false }, (response) => {
      response.resume().once("close", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", () => resolve(0));
    sent.end(body);
  });
}
