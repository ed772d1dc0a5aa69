// What the kernel needs on a user's machine: its own program, and the packages that it runs with.
import { cpSync, existsSync, readdirSync, readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, sep } from "node:path"
import { inProject } from "../launch/places.mjs"

/** The oldest Node that the wheel serves, as the number of its binary interface: Node 20. */
const OLDEST_INTERFACE = 115

const KERNEL = "ringlab-kernel"

/** Packages of which only some files run; of any other package, all but what people and debuggers read. */
const FILES = {
  [KERNEL]: /^dist\//,
  ringlab: /^dist\//,
  typescript: /^lib\/(typescript\.js|lib\.[\w.]*d\.ts)$/,
  zeromq: /^(lib\/.*\.js|build\/manifest\.json)$/,
  "cmake-ts": /^build\/loader\.js$/,
}
const OTHERS = /^(?!(.*\/)?((src|test|bin)\/|README|CHANGELOG))/i

/** What a package depends on for being built only. */
const NOT_NEEDED = new Set(["node-addon-api"])
const ALWAYS = /^(package\.json|(licen[cs]e|copying|notice|thirdparty).*)$/i
const NEVER = /\.map$|\.tsbuildinfo$|^node_modules\//

/**
 * The kernel's package and all that it needs to run, each once.
 * @returns {{ name: string, folder: string, licence: string, files: string[] }[]} `files`: paths inside the folder
 */
export function kernelPackages() {
  const found = new Map()
  collect(KERNEL, inProject("kernel"), found)
  return [...found.values()]
}

/** A release that one package needs, and others do not, lies inside that package. */
function collect(name, folder, found) {
  if (found.has(name)) return
  const { license, dependencies = {} } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))
  found.set(name, { name, folder, licence: license, files: filesOf(name, folder) })
  for (const needed of Object.keys(dependencies).filter((other) => !NOT_NEEDED.has(other))) {
    const place = folderOf(needed, folder)
    const isItsOwn = name !== KERNEL && place.startsWith(join(folder, sep))
    collect(isItsOwn ? `${name}/node_modules/${needed}` : needed, place, found)
  }
}

/** Where Node finds a package that another one asks for. */
function folderOf(name, from) {
  const places = createRequire(join(from, "package.json")).resolve.paths(name) ?? []
  const folder = places.map((place) => join(place, name)).find((place) => existsSync(place))
  if (!folder) throw new Error(`The package ${name}, which ${from} needs, is not installed.`)
  return folder
}

function filesOf(name, folder) {
  const wanted = FILES[name] ?? OTHERS
  const plain = filesIn(folder).filter((file) => ALWAYS.test(file) || wanted.test(file))
  const all = name === "zeromq" ? [...plain, ...nativeLibraries(folder)] : plain
  return all.filter((file) => !NEVER.test(file))
}

function filesIn(folder, inside = "") {
  return readdirSync(join(folder, inside), { withFileTypes: true }).flatMap((entry) => {
    const path = inside + entry.name
    if (!entry.isDirectory()) return [path]
    return entry.name === "node_modules" ? [] : filesIn(folder, `${path}/`)
  })
}

/** The libraries of every platform, as the package's own list names them: one wheel serves all. */
function nativeLibraries(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, "build", "manifest.json"), "utf8"))
  return Object.entries(manifest)
    .filter(([platform]) => JSON.parse(platform).abi >= OLDEST_INTERFACE)
    .map(([, file]) => `build/${file.replaceAll("\\", "/")}`)
}

/** Copy the kernel into a folder, its packages into `node_modules` there. */
export function copyKernel(to) {
  for (const { name, folder, files } of kernelPackages()) {
    const target = name === KERNEL ? to : join(to, "node_modules", name)
    for (const file of files) cpSync(join(folder, file), join(target, file))
  }
  cpSync(inProject("kernel", "kernelspec"), to, { recursive: true })
  cpSync(inProject("kernel", "package", "start.py"), join(to, "start.py"))
}
