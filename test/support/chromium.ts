import { existsSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inflate } from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

/** The package's archives: the browser, its fonts, and the system libraries a bare machine lacks. */
const archives = ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"];

/**
 * Starts a real Chromium from npm, on any x64 Linux with glibc, without system packages. Web security is on, and no flag
 * is needed beyond playwright's own (which turn off Chromium's process sandbox, as containers seldom allow one).
 */
export async function openBrowser(): Promise<Browser> {
  const home = await unpacked();
  return chromium.launch({
    executablePath: join(home, "chromium"),
    env: {
      ...process.env,
      LD_LIBRARY_PATH: join(home, "al2023", "lib"),
      FONTCONFIG_PATH: join(home, "fonts"),
    },
  });
}

/**
 * Unpacks once per machine and version. The package itself unpacks its libraries only when it believes to be on AWS
 * Lambda, and takes a half-written file of another process for a whole one; so this does it aside and moves it in place.
 */
async function unpacked(): Promise<string> {
  const bin = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "bin");
  const { version } = createRequire(import.meta.url)(join(bin, "..", "package.json")) as { version: string };
  const home = join(tmpdir(), `leadkeep-chromium-${version}`);
  if (existsSync(home)) return home;

  const aside = await mkdtemp(`${home}-`);
  await Promise.all(inflatedInto(aside, bin));
  await writeFile(join(aside, "fonts", "fonts.conf"), fontsIn(join(home, "fonts")));
  await rename(aside, home).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  });
  return home;
}

/** The package's own file looks in places fixed for Lambda. */
function fontsIn(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${folder}</dir><cachedir>${folder}-cache</cachedir></fontconfig>
`;
}

/** `inflate` writes to the temporary folder, which it reads from the environment before it first waits. */
function inflatedInto(folder: string, bin: string): Promise<string>[] {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    return archives.map((name) => inflate(join(bin, name)));
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
