import type { Defence } from "./defence.ts";

const ssrf = "test/attacks/ssrf.test.ts";
const guardedFetch = "src/delivery/guarded-fetch.ts";
const guard = "src/delivery/network-guard.ts";
const privateAddress = "src/delivery/private-address.ts";

const verdict = 'return parsed.range() !== "unicast" || (parsed.kind() === "ipv6" && !parsed.match(globalUnicast));';

/** Lets a range through that is refused otherwise. `range`: as ipaddr.js names it. */
function letThrough(what: string, range: string): Defence {
  return {
    name: `SSRF to ${what} (${range})`,
    file: privateAddress,
    take: verdict,
    put: `if (parsed.range() === "${range}") return false;\n  ${verdict}`,
    tests: [`${ssrf} > SSRF to ${what}:`],
  };
}

/** Requests to other machines. */
export const requests: readonly Defence[] = [
  letThrough("this host", "unspecified"),
  letThrough("loopback", "loopback"),
  letThrough("private", "private"),
  letThrough("private", "uniqueLocal"),
  letThrough("link-local and metadata", "linkLocal"),
  letThrough("carrier NAT", "carrierGradeNat"),
  letThrough("multicast", "multicast"),
  letThrough("kept for something else", "reserved"),
  letThrough("broadcast", "broadcast"),
  letThrough("NAT64", "rfc6052"),
  letThrough("6to4 and Teredo", "6to4"),
  letThrough("6to4 and Teredo", "teredo"),
  {
    name: "SSRF to IPv4 in IPv6: mapped addresses are read as IPv4",
    file: privateAddress,
    take: "const parsed = ipaddr.process(address);",
    put: 'const parsed = ipaddr.parse(address);\n  if (parsed.range() === "ipv4Mapped") return false;',
    tests: [`${ssrf} > SSRF to IPv4 in IPv6:`],
  },
  {
    name: "SSRF to IPv6 nobody has: only what is handed out is public",
    file: privateAddress,
    take: ' || (parsed.kind() === "ipv6" && !parsed.match(globalUnicast))',
    put: "",
    tests: [`${ssrf} > SSRF to IPv6 nobody has:`],
  },
  {
    name: "SSRF by an address in the URL: no look-up is asked for it",
    file: guard,
    take: "if (isIP(host) !== 0 && !isAllowed(host)) return privateAddress();",
    put: "",
    tests: [`${ssrf} > SSRF by an odd spelling: http://2130706433/`],
  },
  {
    name: "SSRF by a name: what it stands for is checked",
    file: guard,
    take: "addresses.filter(({ address }) => isAllowed(address))",
    put: "addresses",
    tests: [`${ssrf} > SSRF by a name with several addresses`],
  },
  {
    name: "SSRF by rebinding: what was checked is what is connected to",
    file: guard,
    take: "if (options.all) callback(null, fine);",
    put: "if (options.all) lookup(hostname, { ...options, all: true }, (again, others) => callback(again, others));",
    tests: [`${ssrf} > SSRF by DNS rebinding`],
  },
  {
    name: "SSRF by redirect: none is followed",
    file: guardedFetch,
    take: 'import { Agent, buildConnector, type Dispatcher } from "undici";',
    put: [
      'import { buildConnector, type Dispatcher, interceptors, Agent as Plain } from "undici";',
      "const Agent = function (options: Plain.Options) {",
      "  return new Plain(options).compose(interceptors.redirect({ maxRedirections: 3 }));",
      "} as unknown as typeof Plain;",
    ].join("\n"),
    tests: [`${ssrf} > SSRF by redirect`],
  },
  {
    name: "SSRF by scheme",
    file: guardedFetch,
    take: 'if (target.protocol !== "http:" && target.protocol !== "https:") return reject(wrongScheme());',
    put: "",
    tests: [`${ssrf} > SSRF by scheme: ws://public.example/`],
  },
  {
    name: "SSRF to other protocols: their ports are refused",
    file: guard,
    take: "return isBadPort(port) ? badPort(port) : null;",
    put: "return null;",
    tests: [`${ssrf} > SSRF to another protocol: port 25 is`],
  },
  {
    name: "the allow-list of names is exact",
    file: guard,
    take: "names.has(bare(hostname))",
    put: "[...names].some((name) => bare(hostname).endsWith(name))",
    tests: [`${ssrf} > what is allowed by name, address or range`],
  },
  {
    name: "the allow-list of ranges is exact",
    file: guard,
    take: "address.match(base, bits)",
    put: "bits > 0",
    tests: [`${ssrf} > what is allowed by name, address or range`],
  },
  {
    name: "a refused address pauses the lane",
    file: "src/model/network-error.ts",
    take: 'new Set(["private_address", "bad_port", "wrong_scheme"])',
    put: 'new Set(["bad_port", "wrong_scheme"])',
    tests: [`${ssrf} > a refused address is nobody's`],
  },
  {
    name: "nothing goes round the guard",
    file: "src/watch/channels/webhook.ts",
    take: "const timeoutMs = 10_000;",
    put: "const timeoutMs = 10_000;\nexport const around = (url: string) => fetch(url);",
    tests: [`${ssrf} > SSRF round the guard`],
  },
  {
    name: "endless answers: no more than 64 KiB is read",
    file: guardedFetch,
    take: "if (this.#length <= this.#longestBody) return;",
    put: "if (this.#length > 0) return;",
    tests: ["test/attacks/endless-answers.test.ts > an endless answer is read"],
  },
  {
    name: "slow answers: an attempt has its time",
    file: guardedFetch,
    take: 'signal?.addEventListener("abort", () => answer.abort(), { once: true });',
    put: "",
    tests: ["src/delivery/guarded-fetch.test.ts > a signal ends the wait for an answer"],
  },
];
