import { isIP } from "node:net";
import type { ConfigProblem } from "../model/errors.ts";

/** Where destinations may be beside the public internet. */
export type NetworkConfig = {
  /**
   * Names, addresses and ranges that are fine although they are private: `["10.1.2.0/24", "crm.internal"]`. A name is trusted with
   * whatever address it has. @default LEADKEEP_ALLOW_HOSTS
   */
  allow?: readonly string[];
};

/** The hosts of a list separated by commas. @throws {RangeError} when one is no name, address or range */
export function parseHosts(text: string): string[] {
  const hosts = text
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  if (!hosts.every(isHost)) throw new RangeError("not a list of hosts");
  return hosts;
}

/** What the config file says, else the variable. */
export function allowedHosts(
  config: NetworkConfig | undefined,
  variable: readonly string[] | undefined,
  problems: ConfigProblem[],
): readonly string[] {
  if (config?.allow === undefined) return variable ?? [];
  const cure = 'Write a name, an address or a range, without scheme and port: "crm.internal", "10.1.2.0/24".';
  for (const [index, host] of config.allow.entries()) {
    if (!isHost(host)) problems.push({ path: `network.allow.${index}`, message: "is not a host.", cure });
  }
  return config.allow;
}

const label = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

function isHost(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  if (bits !== undefined) {
    return version !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128);
  }
  // A name that ends in a number is an address in a spelling of its own, per https://url.spec.whatwg.org/#ends-in-a-number-checker.
  const labels = text.replace(/\.$/, "").split(".");
  return (
    version !== 0 || (labels.every((one) => label.test(one)) && !/^(?:\d+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? ""))
  );
}
