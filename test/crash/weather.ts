import type { Fault, Sandbox } from "../../src/sandbox/index.ts";

/**
 * Gives every vendor another fault, or none, again and again. Only faults a machine gets over by itself: none that pauses
 * a destination until a person acts, none that rejects a lead, and none where the vendor keeps the lead yet says it did not.
 * Returns what ends it; the vendors are then themselves again.
 */
export function startWeather({ vendors }: Sandbox, random: () => number): () => void {
  const ends = Object.values(vendors).map((vendor) => {
    let timer: NodeJS.Timeout;
    const change = (): void => {
      vendor.setFault(aFault(random));
      timer = setTimeout(change, 20 + random() * 150);
    };
    change();
    return () => {
      clearTimeout(timer);
      vendor.setFault(null);
    };
  });
  return () => {
    for (const end of ends) end();
  };
}

/** Fair weather on two draws of five. */
function aFault(random: () => number): Fault | null {
  const rate = 0.2 + 0.8 * random();
  const faults: (Fault | null)[] = [
    { type: "status", status: 500, rate },
    { type: "status", status: 429, headers: { "retry-after": random() < 0.9 ? "0" : "1" }, rate },
    { type: "reset", when: "before", rate },
    { type: "reset", when: "after", rate },
    { type: "hang", applied: false, rate },
    { type: "hang", applied: true, rate },
    { type: "latency", ms: Math.round(random() * 600), rate },
    { type: "latency", ms: 5, rate: 1 },
  ];
  return random() < 0.4 ? null : (faults[Math.floor(random() * faults.length)] ?? null);
}
