/**
 * Build the package: TypeScript to esm/, for bundlers, and its declarations to dist/; then all of esm/ into the one file that
 * Node.js loads, dist/index.js. In one file, another module's constants are constants, which makes the machine faster.
 */
import { spawnSync } from "node:child_process"
import { rmSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "rolldown"

const here = fileURLToPath(new URL(".", import.meta.url))
const typescript = createRequire(import.meta.url).resolve("typescript/bin/tsc")

for (const made of ["dist", "esm"]) rmSync(join(here, made), { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [typescript, "-p", here], { stdio: "inherit" })
if (status !== 0) process.exit(status ?? 1)

/** In one file all lessons are there at once; an import that waits would make every module's constants variables. */
const lessonsAtOnce = {
  name: "lessons-at-once",
  resolveId: (source) => (source === "./lessons/loaders" ? join(here, "esm", "lessons", "at-once.js") : null),
}

await build({
  input: join(here, "esm", "index.js"),
  logLevel: "warn",
  plugins: [lessonsAtOnce],
  optimization: { inlineConst: true },
  output: {
    file: join(here, "dist", "index.js"),
    format: "cjs",
    sourcemap: true,
    // Names stay: students see them when they print a value, and in traces.
    minify: { mangle: false, compress: true, codegen: false },
  },
})
