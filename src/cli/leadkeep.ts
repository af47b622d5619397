#!/usr/bin/env node
const oldest = { major: 22, minor: 19 };
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);

// The rest is loaded only where it can be: an older Node would end in a syntax error instead of a sentence.
if (major > oldest.major || (major === oldest.major && minor >= oldest.minor)) {
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  await import("./main.ts");
} else {
  const needed = `Leadkeep needs Node ${oldest.major}.${oldest.minor} or newer`;
  process.stderr.write(`${needed}; this is ${process.version}. From a clone, "npm start" brings its own.\n`);
  process.exitCode = 1;
}

export {};
