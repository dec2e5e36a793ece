// Builds the page's script and style into a folder: node build.mjs [FOLDER]. Beside them it leaves the sum of the
// sources, by which a test tells that they were built from these.
import { build } from "esbuild";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, "..", "dist");

// sources are the files that the build depends on, in order of their names.
function sources(dir) {
  return readdirSync(dir).flatMap((name) => {
    const path = join(dir, name);
    return statSync(path).isDirectory() ? sources(path) : [path];
  });
}

const files = [...sources(join(here, "src")), ...["build.mjs", "package.json", "package-lock.json", "tsconfig.json"]
  .map((name) => join(here, name))].map((path) => relative(here, path).split(sep).join("/")).sort();
const sum = createHash("sha256");
for (const name of files) {
  const text = readFileSync(join(here, name));
  sum.update(`${name} ${text.length}\n`).update(text);
}

mkdirSync(out, { recursive: true });
await build({
  entryPoints: { player: join(here, "src/main.tsx"), worker: join(here, "src/worker.ts"), live: join(here, "src/live.tsx") },
  outdir: out,
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  charset: "ascii", // it stands in pages of any encoding
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  banner: { js: "/* Built from plots/page/web by make page. Holds Preact, copyright 2015-present Jason Miller, and its signals, " +
    "copyright 2022-present the Preact team, under the MIT licence: see dist/licenses.txt. */" },
  logLevel: "warning",
});
const licences = ["preact", "@preact/signals", "@preact/signals-core"].map((name) =>
  `${name}\n\n${readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8")}`);
writeFileSync(join(out, "licenses.txt"), licences.join("\n\n"));
writeFileSync(join(out, "sources.sum"), sum.digest("hex") + "\n");
