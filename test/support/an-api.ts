import { onTestFinished } from "vitest";
import type { Role } from "../../src/server/api/permissions.ts";
import { aGateway, type TestGateway, type TestGatewayOptions } from "./a-gateway.ts";

export const adminPassword = "correct horse battery staple";
export const apiToken = "api-token-of-the-tests-0123456789";

/** How a request says who it comes from: a session's cookie, or a bearer token. */
export type As = { cookie: string } | { token: string } | null;

export type Answered = {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; its shape is what the test says it is. */
  json<T = Record<string, unknown>>(): T;
};

export type TestApi = TestGateway & {
  /** One request. A cookie comes with the Origin a browser would send. @default as LEADKEEP_API_TOKEN */
  call(method: string, path: string, options?: CallOptions): Promise<Answered>;
  /** Signs in as the built-in owner. */
  owner(): Promise<As>;
  /** Adds a person with this role and signs in as them. */
  signIn(role: Role): Promise<As>;
};
export type CallOptions = { as?: As; body?: unknown; headers?: Record<string, string> };

/** A gateway with an API that can be called, and is gone when the test is over. */
export async function anApi({ variables, ...options }: TestGatewayOptions = {}): Promise<TestApi> {
  const gateway = await aGateway({
    ...options,
    variables: { LEADKEEP_ADMIN_PASSWORD: adminPassword, LEADKEEP_API_TOKEN: apiToken, ...variables },
  });
  onTestFinished(() => gateway.close());

  async function call(
    method: string,
    path: string,
    { as = { token: apiToken }, body, headers = {} }: CallOptions = {},
  ): Promise<Answered> {
    const response = await fetch(`${gateway.url}/api/v1${path}`, {
      method,
      headers: {
        ...(as === null
          ? {}
          : "token" in as
            ? { authorization: `Bearer ${as.token}` }
            : { cookie: as.cookie, origin: gateway.url }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: <T>() => JSON.parse(text) as T };
  }

  async function enter(body: object): Promise<As> {
    const answered = await call("POST", "/session", { as: null, body });
    if (answered.status !== 204) throw new Error(`signing in answered ${answered.status}: ${answered.text}`);
    return { cookie: cookieOf(answered) };
  }

  const owner = (): Promise<As> => enter({ password: adminPassword });
  return {
    ...gateway,
    call,
    owner,
    async signIn(role) {
      serial += 1;
      const [email, password] = [`${role}${serial}@example.com`, "a long enough password"];
      const added = await call("POST", "/people", { as: await owner(), body: { email, name: role, role, password } });
      if (added.status !== 200) throw new Error(added.text);
      return enter({ email, password });
    },
  };
}

let serial = 0;

/** The session's cookie as a browser would send it back. */
export function cookieOf({ headers }: Pick<Answered, "headers">): string {
  return headers.get("set-cookie")?.split(";")[0] ?? "";
}
