import type { LookupAddress } from "node:dns";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { createGuardedNetwork, type GuardedNetworkOptions } from "../../src/delivery/guarded-fetch.ts";
import type { Lookup } from "../../src/delivery/network-guard.ts";
import { isPrivateAddress } from "../../src/delivery/private-address.ts";
import { NetworkError, outcomeOfNetworkError } from "../../src/model/network-error.ts";

/** The code of the refusal, or the status of the answer. */
async function call(url: string, options: GuardedNetworkOptions = {}): Promise<string | number> {
  const network = createGuardedNetwork(options);
  onTestFinished(() => network.close());
  try {
    return (await network.fetch(url, undefined, () => {})).status;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    expect(error.sent).toBe(false);
    return error.code;
  }
}

/** A service on an address of this machine; `hits` counts what it was asked. */
async function aService(address: string, port = 0): Promise<{ port: number; hits(): number }> {
  let hits = 0;
  const server = createServer((_, response) => {
    hits += 1;
    response.setHeader("connection", "close").end();
  });
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, hits: () => hits };
}

/** Names are looked up by these answers, one after the other; the last one stays. */
function answering(...answers: string[][]): { lookup: Lookup; asked(): number } {
  let asked = 0;
  const lookup: Lookup = (_, __, callback) => {
    const answer = answers[Math.min(asked++, answers.length - 1)] ?? [];
    const addresses = answer.map((address): LookupAddress => ({ address, family: address.includes(":") ? 6 : 4 }));
    setImmediate(() => callback(null, addresses));
  };
  return { lookup, asked: () => asked };
}

const ranges: Record<string, string[]> = {
  "this host": ["0.0.0.0", "0.1.2.3", "::"],
  loopback: ["127.0.0.1", "127.255.255.254", "::1"],
  private: ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.0.1", "fc00::1", "fd12:3456::1", "fec0::1"],
  "link-local and metadata": ["169.254.0.1", "169.254.169.254", "fe80::1", "fd00:ec2::254"],
  "carrier NAT": ["100.64.0.1", "100.127.255.255"],
  multicast: ["224.0.0.1", "239.255.255.250", "ff02::1"],
  "kept for something else": ["192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1"],
  broadcast: ["255.255.255.255"],
  "IPv4 in IPv6": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::7f00:1", "::ffff:0:127.0.0.1"],
  NAT64: ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "64:ff9b:1:ffff::a00:1"],
  "6to4 and Teredo": ["2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::1"],
  "IPv6 nobody has": ["100::1", "2001:db8::1", "2001:10::1", "2001:20::1", "3fff::1", "4000::1", "1::1", "5f00::1"],
};

for (const [what, addresses] of Object.entries(ranges)) {
  test.each(addresses)(
    `SSRF to ${what}: %s is refused, in an address and as what a name stands for`,
    async (address) => {
      const url = address.includes(":") ? `http://[${address}]/` : `http://${address}/`;
      expect(await call(url)).toBe("private_address");
      expect(await call("http://name.example/", { lookup: answering([address]).lookup })).toBe("private_address");
    },
  );
}

test.each([
  "8.8.8.8",
  "1.1.1.1",
  "172.32.0.1",
  "100.128.0.1",
  "192.169.0.1",
  "2606:4700:4700::1111",
  "2a00:1450:4001::1",
])("%s is on the public internet, and may be called", (address) => {
  expect(isPrivateAddress(address)).toBe(false);
});

test.each([
  "http://2130706433/",
  "http://017700000001/",
  "http://0x7f000001/",
  "http://0x7f.0.0x0.1/",
  "http://0177.1/",
  "http://127.1/",
  "http://0/",
  "http://127.0.0.1./",
  "http://①②⑦.0.0.1/",
  "http://127。0。0。1/",
  "http://%31%32%37.0.0.1/",
  "http://public.example@127.0.0.1/",
  "http://127.0.0.1#@public.example/",
  "http://127.0.0.1\\@public.example/",
  "http:\\\\127.0.0.1\\",
  "http:127.0.0.1",
  "http://localhost/",
  "http://LOCALHOST/",
  "http://[::ffff:7f00:1]/",
  "http://[0:0:0:0:0:ffff:127.0.0.1]/",
])("SSRF by an odd spelling: %s is seen for what it is", async (url) => {
  expect(await call(url)).toBe("private_address");
});

test("SSRF by DNS rebinding: the address that was checked is the one that is called, and the name is asked once", async () => {
  const allowed = await aService("127.0.0.2");
  const internal = await aService("127.0.0.1", allowed.port);
  const dns = answering(["127.0.0.2"], ["127.0.0.1"]);
  const options = { allowHosts: ["127.0.0.2"], lookup: dns.lookup };
  expect(await call(`http://rebinding.example:${allowed.port}/`, options)).toBe(200);
  expect([dns.asked(), allowed.hits(), internal.hits()]).toEqual([1, 1, 0]);
  // A connection of its own asks again, and checks again.
  expect(await call(`http://rebinding.example:${allowed.port}/`, options)).toBe("private_address");
  expect(internal.hits()).toBe(0);
});

test("SSRF by a name with several addresses: only those that are allowed are tried", async () => {
  const allowed = await aService("127.0.0.2");
  const internal = await aService("127.0.0.1", allowed.port);
  const { lookup } = answering(["127.0.0.1", "::1", "127.0.0.2", "169.254.169.254"]);
  const options = { allowHosts: ["127.0.0.2"], lookup };
  expect(await call(`http://mixed.example:${allowed.port}/`, options)).toBe(200);
  expect(internal.hits()).toBe(0);
});

test("SSRF by redirect: what a public page points to is not called", async () => {
  const internal = await aService("127.0.0.1");
  const server = createServer((_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${internal.port}/` }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.2", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.2:${(server.address() as AddressInfo).port}/`;
  expect(await call(url, { allowHosts: ["127.0.0.2"] })).toBe(307);
  expect(await call(url, { allowPrivateNetwork: true })).toBe(307);
  expect(internal.hits()).toBe(0);
});

test.each([
  "ftp://public.example/",
  "file:///etc/passwd",
  "gopher://public.example/",
  "data:text/plain,x",
  "ws://public.example/",
  "unix:/run/docker.sock",
])("SSRF by scheme: %s is not called, whatever is allowed", async (url) => {
  expect(await call(url, { allowPrivateNetwork: true })).toBe("wrong_scheme");
});

test.each([22, 23, 25, 53, 110, 143, 445, 465, 587, 993, 2049, 3306, 5432, 6000, 6379, 6667, 11211, 27017])(
  "SSRF to another protocol: port %i is not called, on public addresses and allowed ones",
  async (port) => {
    expect(await call(`http://8.8.8.8:${port}/`)).toBe("bad_port");
    expect(await call(`https://crm.internal:${port}/`, { allowHosts: ["crm.internal"] })).toBe("bad_port");
  },
);

test("what is allowed by name, address or range is called, and nothing beside it", async () => {
  const { port, hits } = await aService("127.0.0.1");
  const { lookup } = answering(["127.0.0.1"]);
  const tries: [string, string[], string | number][] = [
    [`http://crm.internal:${port}/`, ["crm.internal"], 200],
    [`http://CRM.internal.:${port}/`, ["crm.INTERNAL"], 200],
    [`http://127.0.0.1:${port}/`, ["127.0.0.1"], 200],
    [`http://127.0.0.1:${port}/`, ["127.0.0.0/30"], 200],
    [`http://127.0.0.1:${port}/`, ["127.0.0.4/30", "10.0.0.0/8", "::/0"], "private_address"],
    [`http://evil.crm.internal:${port}/`, ["crm.internal"], "private_address"],
    [`http://crm.internal.example:${port}/`, ["crm.internal"], "private_address"],
    [`http://127.0.0.1:${port}/`, ["crm.internal"], "private_address"],
  ];
  for (const [url, allowHosts, expected] of tries) {
    expect([url, allowHosts, await call(url, { allowHosts, lookup })]).toEqual([url, allowHosts, expected]);
  }
  expect(hits()).toBe(4);
});

test("a refused address is nobody's until someone acts: the lane pauses, and no try is used up", () => {
  for (const code of ["private_address", "bad_port", "wrong_scheme"]) {
    expect(outcomeOfNetworkError(new NetworkError(code, "", false)).type).toBe("blocked");
  }
});

/** What reaches the network beside the guard, and why that is fine. */
const beside: Record<string, string> = {
  "delivery/guarded-fetch.ts": "is the guard",
  "delivery/network-guard.ts": "is the guard",
  "server/server.ts": "listens",
  "server/listen.ts": "listens",
  "destinations/mail/bounded-socket.ts": "calls the mail server, whom only the configuration names",
};
const outward = /from "(?:undici|node:https?|node:http2|node:net|node:tls|node:dgram)"|globalThis\.fetch|new WebSocket/;
const callsFetch = /(?<![\w.])fetch\(/;
const takesFetch = /\bfetch\s*[,}:]|\bfetch\s*=|context\.fetch/;

test("SSRF round the guard: nothing that runs in a gateway reaches the network by itself", () => {
  const source = fileURLToPath(new URL("../../src", import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter(
    (name) => /(?<!\.test)\.ts$/.test(name) && !/^(?:browser|console|sandbox|cli|adapters)\//.test(name),
  );
  const own = files.filter((name) => {
    const text = readFileSync(`${source}/${name}`, "utf8").replaceAll(
      /^import type .*$|^\s*(?:\/\/|\*).*$|`[^`]*`/gm,
      "",
    );
    const borrowed = /import \{[^}]*\b(?:isIP|BlockList)\b[^}]*\} from "node:net"/.test(text);
    return (outward.test(text) && !borrowed) || (callsFetch.test(text) && !takesFetch.test(text));
  });
  expect(own.filter((name) => !(name in beside))).toEqual([]);
});
