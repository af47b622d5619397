import { expect, test } from "vitest";
import { aPerson } from "../support/a-gateway.ts";
import { type As, anApi, apiToken, type TestApi } from "../support/an-api.ts";

/** Opens the stream; `said` resolves to all that came once it matches, or the stream has ended. */
async function listen({ url }: TestApi, as: As = { token: apiToken }) {
  const headers: Record<string, string> =
    as === null ? {} : "token" in as ? { authorization: `Bearer ${as.token}` } : { cookie: as.cookie };
  const response = await fetch(`${url}/api/v1/events`, { headers });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    response,
    async said(pattern: RegExp): Promise<string> {
      while (!pattern.test(text)) {
        const chunk = await reader?.read();
        if (!chunk || chunk.done) return `${text}[end]`;
        text += chunk.value;
      }
      return text;
    },
    close: () => reader?.cancel(),
  };
}

test("who listens is told that leads came and deliveries changed, together when they come together", async () => {
  const api = await anApi({ variables: { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook" } });
  const stream = await listen(api);
  expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
  await stream.said(/: here/);
  for (let n = 0; n < 10; n++) await api.post(aPerson());
  const said = await stream.said(/event: changed\ndata: .*"deliveries":true.*\n\n/);
  expect(said.match(/event: changed/g)?.length).toBeLessThanOrEqual(3);
  expect(said).toContain('"leads":true');
  expect(said).not.toMatch(/lead_|@/);
  await stream.close();
});

test("what a person does is told to those who listen", async () => {
  const api = await anApi({ variables: { CRM_WEBHOOK_URL: "http://127.0.0.1:9/hook" } });
  const stream = await listen(api);
  await stream.said(/: here/);
  await api.call("POST", "/destinations/webhook/pause");
  expect(await stream.said(/event: changed/)).toContain('{"deliveries":true}');
  await stream.close();
});

test("the stream ends when the server stops, so that an open page does not hold it up", async () => {
  const api = await anApi();
  const stream = await listen(api);
  await stream.said(/: here/);
  const closing = api.close();
  expect(await stream.said(/never/)).toContain("[end]");
  await closing;
});

test("nobody listens without being signed in", async () => {
  const api = await anApi();
  expect((await listen(api, null)).response.status).toBe(401);
});

test("the stream ends with its session", async () => {
  const api = await anApi();
  const owner = await api.owner();
  const stream = await listen(api, owner);
  await stream.said(/: here/);
  await api.call("DELETE", "/session", { as: owner });
  expect(await stream.said(/never/)).toContain("[end]");
}, 10_000);

test("the stream ends with its person's session when they are removed", async () => {
  const api = await anApi();
  const viewer = await api.signIn("viewer");
  const stream = await listen(api, viewer);
  await stream.said(/: here/);
  const [person] = (await api.call("GET", "/people", { as: await api.owner() })).json<{ id: string }[]>();
  await api.call("DELETE", `/people/${person?.id}`, { as: await api.owner() });
  expect(await stream.said(/never/)).toContain("[end]");
}, 10_000);

test("the stream ends with its token", async () => {
  const api = await anApi();
  const owner = await api.owner();
  const made = await api.call("POST", "/tokens", { as: owner, body: { name: "Screen in the hall", scopes: ["read"] } });
  const { id, secret } = made.json<{ id: string; secret: string }>();
  const stream = await listen(api, { token: secret });
  await stream.said(/: here/);
  await api.call("DELETE", `/tokens/${id}`, { as: owner });
  expect(await stream.said(/never/)).toContain("[end]");
}, 10_000);
