/**
 * Builds the files that pages load into dist/, and fails when one has grown beyond its budget.
 * With --verify nothing is written: it fails when dist is not what src builds to.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build, transform } from "esbuild";

/** What every page loads, and what is loaded when a reader first presses something. Bytes after gzip. */
const FILES = [
  { entry: "src/liftgate.js", output: "dist/liftgate.js", budget: 4000 },
  { entry: "src/liftgate_checkout.js", output: "dist/liftgate-checkout.js", budget: 2500 },
];

/** The first browsers with light-dark() and constructable style sheets. */
const TARGET = ["chrome123", "firefox120", "safari17.5"];

/** @param {string} path */
const local = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Style sheets are imported as text, minified. */
const styleText = {
  name: "style-text",
  setup: (/** @type {import("esbuild").PluginBuild} */ steps) =>
    steps.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: TARGET });
      // Spaces in the values of custom properties are kept by the minifier, since a script could read them.
      return { contents: code.trim().replace(/(--[a-z-]+:) /g, "$1").replace(/, /g, ","), loader: "text" };
    }),
};

/** @param {string} entry */
async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [local(entry)],
    bundle: true,
    minify: true,
    charset: "utf8",
    format: "esm",
    target: TARGET,
    write: false,
    legalComments: "none",
    plugins: [styleText],
  });
  return Buffer.from(outputFiles[0].contents);
}

/** @param {string} path */
async function readOrNothing(path) {
  return readFile(path).catch(() => Buffer.alloc(0));
}

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exitCode = 1;
}

const verifying = process.argv.includes("--verify");
await mkdir(local("dist"), { recursive: true });
for (const { entry, output, budget } of FILES) {
  const code = await bundle(entry);
  const size = gzipSync(code, { level: 9 }).length;
  console.log(`${output}: ${code.length} bytes, ${size} after gzip, budget ${budget}`);
  if (size > budget) fail(`${output} is ${size - budget} bytes over its budget.`);
  if (!verifying) await writeFile(local(output), code);
  else if (!code.equals(await readOrNothing(local(output)))) fail(`${output} is not what src builds to: npm run build`);
}
