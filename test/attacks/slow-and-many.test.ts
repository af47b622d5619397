import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { createBodyRoom } from "../../src/server/body-room.ts";
import { aGateway, aPerson, type TestGateway, type TestGatewayOptions } from "../support/a-gateway.ts";
import { ask, askRaw } from "../support/http.ts";
import { until } from "../support/until.ts";

let gateway: TestGateway;
async function start(options: TestGatewayOptions = {}): Promise<string> {
  gateway = await aGateway(options);
  return `${gateway.url}/f/contact`;
}

/** Whatever is going on, a person's post is taken. */
async function expectTaken(): Promise<void> {
  const headers = { "content-type": "application/json" };
  const { status } = await ask(`${gateway.url}/f/contact`, { headers, body: aPerson() });
  expect(status).toBe(202);
}

afterEach(() => gateway.close());

/** A connection that has said `text`; `closed` once the other side has closed it. */
async function aConnection(text = ""): Promise<{ socket: Socket; said(): string; closed(): boolean }> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  let said = "";
  let closed = false;
  socket.on("error", () => {});
  socket.setEncoding("utf8").on("data", (more: string) => {
    said += more;
  });
  socket.once("close", () => {
    closed = true;
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  socket.write(text);
  return { socket, said: () => said, closed: () => closed };
}

const head = "POST /f/contact HTTP/1.1\r\nHost: leads.example.com\r\nContent-Type: application/json\r\n";
const body = '{"email":"a@example.com"}';
const whole = `${head}Content-Length: ${body.length}\r\n\r\n${body}`;

test("slow-loris: headers that never end are given up, and the connection closed", async () => {
  await start({ headersTimeoutMs: 200 });
  const socket = await aConnection(head);
  const drip = setInterval(() => socket.socket.write("X-Slow: 1\r\n"), 20);
  onTestFinished(() => clearInterval(drip));
  await until(() => socket.closed());
  expect(socket.said()).toMatch(/^HTTP\/1\.1 408 /);
  await expectTaken();
});

test("slow-loris: a body that trickles in is given up, however steadily", async () => {
  await start({ bodyTimeoutMs: 200 });
  const { socket, said } = await aConnection(`${head}Content-Length: 100000\r\n\r\n`);
  const drip = setInterval(() => socket.write(" "), 20);
  onTestFinished(() => clearInterval(drip));
  await until(() => said() !== "");
  expect(said()).toMatch(/^HTTP\/1\.1 408 [\s\S]*"too_slow"/);
  await expectTaken();
});

test("many connections: beyond the limit the ones that said nothing for longest give way, and a person gets through", async () => {
  await start({ mostConnections: 10 });
  const idle = await Promise.all(Array.from({ length: 30 }, () => aConnection(head)));
  await until(() => idle.filter(({ closed }) => closed()).length >= 20);
  expect(idle.filter(({ closed }) => !closed())).toHaveLength(10);
  await expectTaken();
});

test("many connections: one that is being answered is not closed for a newcomer", async () => {
  await start({ mostConnections: 4, variables: { LEADKEEP_API_TOKEN: "api-token-of-the-tests-0123456789" } });
  const request = "GET /api/v1/events HTTP/1.1\r\nHost: leads.example.com\r\n";
  const streams = await Promise.all(
    Array.from({ length: 3 }, () =>
      aConnection(`${request}Authorization: Bearer api-token-of-the-tests-0123456789\r\n\r\n`),
    ),
  );
  await until(() => streams.every(({ said }) => said().startsWith("HTTP/1.1 200")));
  const idle = await Promise.all(Array.from({ length: 20 }, () => aConnection()));
  await until(() => idle.filter(({ closed }) => closed()).length >= 19);
  expect(streams.some(({ closed }) => closed())).toBe(false);
  await expectTaken();
});

test("many connections: those kept alive for later give way too", async () => {
  await start({ mostConnections: 5 });
  const kept = await Promise.all(Array.from({ length: 5 }, () => aConnection(whole)));
  await until(() => kept.every(({ said }) => said().includes("202 Accepted")));
  await expectTaken();
  await until(() => kept.filter(({ closed }) => closed()).length >= 1);
});

test("many large bodies: together they have so much memory, and the ones that take longest are given up", async () => {
  await start({ bodyRoomBytes: 1024 * 1024 });
  const part = " ".repeat(200_000);
  const slow = await Promise.all(
    Array.from({ length: 20 }, () => aConnection(`${head}Content-Length: 250000\r\n\r\n${part}`)),
  );
  await until(() => slow.filter(({ said }) => said().includes('"too_slow"')).length >= 14);
  expect(slow.filter(({ said }) => said() === "").length).toBeLessThanOrEqual(6);
  await expectTaken();
});

test("the room of bodies is given back once a body is whole", () => {
  const gone: string[] = [];
  const guest = (name: string) => ({ giveUp: () => void gone.push(name) });
  const room = createBodyRoom(10);
  const [first, second, third] = [guest("first"), guest("second"), guest("third")];
  room.grow(first, 6);
  room.leave(first);
  room.grow(second, 6);
  room.grow(third, 4);
  expect(gone).toEqual([]);
  room.grow(third, 1);
  expect(gone).toEqual(["second"]);
});

test("huge headers are refused: by size, and not for their number", async () => {
  await start();
  const many = Array.from({ length: 5_000 }, (_, n) => `X-${n}: 1\r\n`).join("");
  expect(await askRaw(gateway.url, `${head}${many}\r\n`, { enough: /\r\n\r\n/ })).toMatch(/^HTTP\/1\.1 431 /);
  const long = `X-Long: ${"x".repeat(1_000_000)}`;
  const answered = await askRaw(gateway.url, `${head}${long}\r\n\r\n`, { enough: /\r\n\r\n/ }).catch(() => "reset");
  expect(answered).toMatch(/^HTTP\/1\.1 431 |^reset$/);
  await expectTaken();
});

test("a huge address is refused", async () => {
  await start();
  const answered = await askRaw(gateway.url, `GET /${"x".repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, {
    enough: /\r\n/,
  });
  expect(answered).toMatch(/^HTTP\/1\.1 431 /);
  await expectTaken();
});
