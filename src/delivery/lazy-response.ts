/** What came over the network, before anybody has read it. */
type Received = { status: number; headers: [string, string][]; body: Uint8Array<ArrayBuffer> | null };

/**
 * A `Response` that is made only when more of it is looked at than the status: most outcomes need no more, and making one costs
 * half as much as the request itself.
 */
export function lazyResponse(received: Received): Response {
  return new Proxy(new Unread(received), whenRead) as unknown as Response;
}

class Unread {
  readonly received: Received;
  #whole: Response | null = null;

  constructor(received: Received) {
    this.received = received;
  }

  whole(): Response {
    const { body, ...init } = this.received;
    this.#whole ??= new Response(body, init);
    return this.#whole;
  }
}

const whenRead: ProxyHandler<Unread> = {
  get(unread, name) {
    const { status } = unread.received;
    if (name === "status") return status;
    if (name === "ok") return status >= 200 && status < 300;
    const whole = unread.whole();
    const value: unknown = Reflect.get(whole, name);
    return typeof value === "function" ? value.bind(whole) : value;
  },
  getPrototypeOf: () => Response.prototype,
};
