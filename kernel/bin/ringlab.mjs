#!/usr/bin/env node
// The command `ringlab`. What it does is in ../src/cli; here it only says so when that has not been built.
import { existsSync } from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"

const program = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url))

if (existsSync(program)) createRequire(import.meta.url)(program).main(process.argv.slice(2))
else {
  console.error("ringlab is not built yet: run npm start (or npm run build) in its folder first.")
  process.exitCode = 1
}
