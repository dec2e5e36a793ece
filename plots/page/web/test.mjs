// Runs the tests in test/: they are bundled first, since Node does not read TypeScript.
import { build } from "esbuild";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(join(tmpdir(), "page-test-"));
try {
  const entryPoints = readdirSync(join(here, "test")).filter((f) => f.endsWith(".test.ts")).map((f) => join(here, "test", f));
  await build({ entryPoints, outdir: out, bundle: true, format: "esm", platform: "node", outExtension: { ".js": ".mjs" },
    logLevel: "warning" });
  const files = readdirSync(out).map((f) => join(out, f));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files],
    { stdio: "inherit", env: { ...process.env, PAGE_RUN: process.argv[2] ?? "" } }).status ?? 1;
} finally {
  rmSync(out, { recursive: true, force: true });
}
