import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { submission } from "../support/a-submission.ts";
import { aFolder, startGateway } from "../support/processes.ts";
import type { Row } from "../support/row.ts";
import { figureOf, median } from "../support/statistics.ts";

/** From the moment the visitor is thanked to the first byte at the destination, with nothing else to do. */
export async function latencyRow(samples: number): Promise<Row> {
  let arrived: (at: number) => void = () => {};
  const sink = createServer((request, response) => {
    arrived(performance.now());
    request.resume().on("end", () => response.end("{}"));
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  const { folder, remove } = aFolder();
  const variables = { CRM_WEBHOOK_URL: `http://127.0.0.1:${(sink.address() as AddressInfo).port}/` };
  const gateway = await startGateway({ folder, variables });
  const waits: number[] = [];
  for (let i = 0; i < samples; i++) {
    const arrival = new Promise<number>((resolve) => {
      arrived = resolve;
    });
    const response = await fetch(`${gateway.url}/f/contact`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...submission, email: `ada${i}@example.com` }),
    });
    const thanked = performance.now();
    await response.text();
    waits.push(Math.max(0, (await arrival) - thanked));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await gateway.stop();
  sink.close();
  remove();
  const figure = { ...figureOf(waits), median: median(waits) };
  return {
    name: "accept → first attempt, idle, median",
    unit: "ms",
    ours: figure,
    baseline: null,
    ratio: null,
    target: { atMost: 25 },
  };
}
