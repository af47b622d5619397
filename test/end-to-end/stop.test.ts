import { Agent, type IncomingMessage, request } from "node:http";
import { expect, test } from "vitest";
import { aGateway, aPerson } from "../support/a-gateway.ts";

test("a lead under way when the gateway stops is kept, and its sender told that the connection closes", async () => {
  const gateway = await aGateway();
  const post = request(`${gateway.url}/f/contact`, {
    method: "POST",
    agent: new Agent({ keepAlive: true }),
    headers: { "content-type": "application/json", expect: "100-continue" },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) =>
    post.once("response", resolve).once("error", reject),
  );
  await new Promise((underWay) => post.once("continue", underWay).flushHeaders());
  const stopped = gateway.close();
  post.end(JSON.stringify(aPerson()));
  const { statusCode, headers } = await answer;
  expect([statusCode, headers.connection]).toEqual([202, "close"]);
  await stopped;
});
