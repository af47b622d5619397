import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startLeadkeep } from "../support/leadkeep-command.ts";

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "leadkeep-sign-in-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function signIn(url: string, token: string): Promise<number> {
  const response = await fetch(`${url}/api/v1/session/link`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  return response.status;
}

test("a first start prints a link that signs in once, and leadkeep sign-in another while it runs", async () => {
  const folder = aFolder();
  const running = startLeadkeep(["start"], { folder, variables: { PORT: "0" } });
  const [, url = "", token = ""] = await running.said(/(http:\S+)\/console\/sign-in#([\w-]{43})/);
  expect(await signIn(url, token)).toBe(204);
  expect(await signIn(url, token)).toBe(401);
  const { stdout, code } = await startLeadkeep(["sign-in"], {
    folder,
    variables: { PUBLIC_URL: "https://leads.example.com" },
  }).ended;
  const [, other = ""] = /^https:\/\/leads\.example\.com\/console\/sign-in#([\w-]{43})\n$/.exec(stdout) ?? [];
  expect([code, await signIn(url, other)]).toEqual([0, 204]);
});

test("with LEADKEEP_ADMIN_PASSWORD set, no link is printed, and neither is the password", async () => {
  const variables = { PORT: "0", LEADKEEP_ADMIN_PASSWORD: "correct horse battery staple" };
  const running = startLeadkeep(["start"], { folder: aFolder(), variables });
  const [line] = await running.said(/the console is.*\n/);
  expect(line).not.toContain("#");
  running.signal("SIGTERM");
  const { stderr, stdout } = await running.ended;
  expect(stderr + stdout).not.toContain("correct horse");
});

test("a password that is too short stops the start, and is not repeated", async () => {
  const variables = { PORT: "0", LEADKEEP_ADMIN_PASSWORD: "hunter2", LEADKEEP_API_TOKEN: "short" };
  const { code, stderr } = await startLeadkeep(["start"], { folder: aFolder(), variables }).ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/LEADKEEP_ADMIN_PASSWORD: is shorter than 12 characters/);
  expect(stderr).toMatch(/LEADKEEP_API_TOKEN: is shorter than 24 characters/);
  expect(stderr).not.toContain("hunter2");
});
