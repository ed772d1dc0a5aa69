import { basename } from "node:path"

/** Where the things lie that an attack is after. Paths are absolute. */
export interface Targets {
  /** A notebook with hidden tests, beside the one that runs: JSON with the word SECRET_WORD in it. */
  readonly notebook: string
  /** A file outside of the notebook's folder with the same word. */
  readonly outside: string
  /** A database with the same word. */
  readonly gradebook: string
  /** A folder in which nothing may be written. */
  readonly spoiled: string
  /** A port of 127.0.0.1 on which somebody listens. */
  readonly port: number
}

/** The word that is in each file that a student may not read, and in the teacher's environment. */
export const SECRET_WORD = "xyzzy-secret"

/** What an attack prints that got somewhere without having read the word. Never in its text, since errors quote that. */
export const REACHED = "REACHED"
const reached = `console.log("REA" + "CHED")`

/** An attack's cell, with the targets written into it. */
export const cellOf = (attack: string, targets: Targets): string =>
  `{ const at: any = JSON.parse(${JSON.stringify(JSON.stringify(targets))});\n${attack.replaceAll("hidden.ipynb", basename(targets.notebook))}\n}`

/** Code for a thread of Node, a hook or a program that reads everything. */
const HOOK = `const source = 'import { readFileSync } from "node:fs"; export const resolve = (url, context, next) =>'
  + ' url.startsWith("stolen:") ? { url, shortCircuit: true } : next(url, context);'
  + ' export const load = (url, context, next) => url.startsWith("stolen:") ? { format: "module", shortCircuit: true,'
  + ' source: "export default " + JSON.stringify(readFileSync(url.slice(7), "utf8")) } : next(url, context)'`

const read = (how: string): string => `const fs: any = require("node:fs")\nconsole.log(String(${how}))`
const later = (how: string): string => `const fs: any = require("node:fs")\nconsole.log(String(await ${how}))`
const listens = (what: string): string => `const server: any = ${what}
await new Promise((resolve, reject) => { server.on("listening", resolve); server.on("error", reject); setTimeout(resolve, 1000) })
${reached}; server.close()`
const calls = (what: string): string =>
  `${what}\nconsole.log(String(await new Promise((resolve) => setTimeout(resolve, 200, "called"))))`

/**
 * Cells that try to read what is hidden, to write, to start something or to talk to somebody. An attack has come through if
 * the word or REACHED is in what it prints, if anything was written, or if somebody has heard of it.
 */
export const ATTACKS: Readonly<Record<string, string>> = {
  // Files that are read
  "the notebook as a file": read(`fs.readFileSync(at.notebook, "utf8")`),
  "the notebook by its name alone": read(`fs.readFileSync("hidden.ipynb", "utf8")`),
  "the notebook by a buffer's name": read(`fs.readFileSync(Buffer.from(at.notebook))`),
  "the notebook by a URL": read(`fs.readFileSync(new URL("file://" + at.notebook))`),
  "the notebook by a way round": read(
    `fs.readFileSync(at.notebook.replace("hidden.ipynb", "./x/../hidden.ipynb"))`,
  ),
  "the notebook by a name that changes": `const fs: any = require("node:fs")
let n = 0
const name: any = Object.assign(Object.create(String.prototype), { toString: () => (n++ ? at.notebook : "data.txt") })
console.log(String(fs.readFileSync(name)))`,
  "the notebook after names were changed": `const fs: any = require("node:fs")
const { startsWith, includes, endsWith } = String.prototype
Object.assign(String.prototype, { startsWith: () => true, includes: () => true, endsWith: () => false })
const { has } = Set.prototype
Set.prototype.has = () => true
const { get } = Map.prototype
Map.prototype.get = () => true as any
Object.defineProperty(Object.prototype, at.notebook, { value: true, configurable: true })
try { console.log(String(fs.readFileSync(at.notebook))) } finally {
  Object.assign(String.prototype, { startsWith, includes, endsWith })
  Set.prototype.has = has
  Map.prototype.get = get
  delete (Object.prototype as any)[at.notebook]
}`,
  "the notebook by a spread that changes": `const fs: any = require("node:fs")
const iterate = Array.prototype[Symbol.iterator]
Array.prototype[Symbol.iterator] = function* () { yield at.notebook } as any
try { console.log(String(fs.readFileSync("data.txt"))) } finally { Array.prototype[Symbol.iterator] = iterate }`,
  "the notebook, as a promise": later(`fs.promises.readFile(at.notebook)`),
  "the notebook, by callback": later(
    `new Promise((done) => fs.readFile(at.notebook, (error: any, data: any) => done(error ?? data)))`,
  ),
  "the notebook as a stream": later(`fs.createReadStream(at.notebook).toArray()`),
  "the notebook as a stream of an open file": later(
    `new fs.ReadStream("data.txt", { fd: fs.openSync(at.notebook) }).toArray()`,
  ),
  "the notebook as a stream's constructor": later(
    `new (fs.createReadStream("data.txt").constructor as any)(at.notebook).toArray()`,
  ),
  "the notebook as a blob": later(`(await fs.openAsBlob(at.notebook)).text()`),
  "the notebook, opened": read(`fs.readFileSync(fs.openSync(at.notebook, "r"))`),
  "the notebook, opened as a promise": later(`(await fs.promises.open(at.notebook)).readFile()`),
  "the names in the folder": read(`fs.readdirSync(".").includes("hidden.ipynb") ? "REA" + "CHED" : ""`),
  "the names in the folder, by a pattern": read(`fs.globSync("*.ipynb").length ? "REA" + "CHED" : ""`),
  "the names in the folder, one by one": read(`fs.opendirSync(".").readSync().name + "REA" + "CHED"`),
  "a watcher of the notebook": read(`(fs.watch(at.notebook).close(), "REA" + "CHED")`),
  "another watcher of the notebook": read(
    `(fs.watchFile(at.notebook, () => {}), fs.unwatchFile(at.notebook), "REA" + "CHED")`,
  ),
  "a file outside": read(`fs.readFileSync(at.outside)`),
  "the process's own files": read(`fs.readFileSync("/proc/self/environ")`),
  "the line to the transport, read": `const fs: any = require("node:fs")
for (let fd = 3; fd < 30; fd++) try { fs.readSync(fd, Buffer.alloc(1), 0, 0); ${reached} } catch (error: any) { if (!/restricted|may not/.test(error.message) && error.code !== "EBADF") ${reached} }`,
  "the notebook by a loader of its kind": `require.extensions[".ipynb"] = require.extensions[".json"]
console.log(JSON.stringify(require(at.notebook)))`,
  "the notebook as a program": `require(at.notebook)`,
  "the notebook, imported": `console.log(JSON.stringify(await import(at.notebook, { with: { type: "json" } })))`,
  "the notebook, imported by a module of data": `const from = "data:text/javascript," + encodeURIComponent(\`import fs from "node:fs"; export default fs.readFileSync(\${JSON.stringify(at.notebook)}, "utf8")\`)
console.log(JSON.stringify(await import(from)))`,
  "the notebook, by a module of data and its names": `const from = "data:text/javascript," + encodeURIComponent(\`import { readFileSync } from "fs"; export default readFileSync(\${JSON.stringify(at.notebook)}, "utf8")\`)
console.log(JSON.stringify(await import(from)))`,
  "the notebook, by a function made of text": `console.log(JSON.stringify(await new Function("at", "return import('node:fs').then((fs) => fs.readFileSync(at, 'utf8'))")(at.notebook)))`,
  "the notebook, by eval": `console.log(JSON.stringify(await (0, eval)("(at) => import('node:fs').then((fs) => fs.readFileSync(at, 'utf8'))")(at.notebook)))`,
  "the notebook, by another context": `const vm: any = require("node:vm")
const load = vm.runInNewContext("(at) => import('node:fs').then((fs) => fs.readFileSync(at, 'utf8'))", {}, { importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER })
console.log(await load(at.notebook))`,
  "the notebook, by getBuiltinModule": `console.log((process as any).getBuiltinModule("node:fs").readFileSync(at.notebook, "utf8"))`,
  "the notebook, by createRequire": `console.log((require("node:module") as any).createRequire(at.notebook)("node:fs").readFileSync(at.notebook, "utf8"))`,
  "the notebook, by Module._load": `console.log((require("node:module") as any)._load("fs").readFileSync(at.notebook, "utf8"))`,
  "the notebook, by mainModule": `console.log(((process as any).mainModule ?? (require.main as any)).require("fs").readFileSync(at.notebook, "utf8"))`,
  "the notebook, by a map of sources": `const Module: any = require("node:module")
process.setSourceMapsEnabled(true)
new Module("x")._compile("//# sourceMappingURL=hidden.ipynb\\nmodule.exports = 1", at.notebook.replace("hidden.ipynb", "x.js"))
console.log(JSON.stringify(Module.findSourceMap(at.notebook.replace("hidden.ipynb", "x.js"))?.payload))`,
  "the notebook, by an assertion's message": `const vm: any = require("node:vm")
const assert: any = require("node:assert")
const call = new vm.Script("(assert) => assert(0)", { filename: at.notebook }).runInThisContext()
try { call(assert) } catch (error: any) { console.log(error.message) }`,
  "the notebook, by the compiler": `const compiler: any = Object.values(require.cache).find((module: any) => module?.filename.endsWith("typescript.js"))
console.log(compiler.exports.sys.readFile(at.notebook))`,
  "the notebook as settings": `(process as any).loadEnvFile(at.notebook)
console.log(JSON.stringify(process.env))`,
  "the gradebook": `const sqlite: any = require("node:sqlite")
console.log(JSON.stringify(new sqlite.DatabaseSync(at.gradebook).prepare("select sql from sqlite_master").all()))
${reached}`,
  "the gradebook, imported": `const sqlite: any = await import("node:sqlite" as string)
console.log(JSON.stringify(new sqlite.DatabaseSync(at.gradebook).prepare("select sql from sqlite_master").all()))
${reached}`,
  "a file outside, by WASI": `const { WASI }: any = require("node:wasi")
new WASI({ version: "preview1", preopens: { "/": "/" } })
${reached}`,
  "the environment": `console.log(JSON.stringify(process.env))`,
  "the environment in a report": `console.log(JSON.stringify((process as any).report.getReport()))`,
  // Files that are written
  "a file": read(`(fs.writeFileSync(at.spoiled + "/file", "x"), "")`),
  "a report": `(process as any).report.writeReport(at.spoiled + "/report")`,
  "a file by V8's flags": `const v8: any = require("node:v8")
for (const flag of ["--redirect-code-traces", "--redirect-code-traces-to=" + at.spoiled + "/v8", "--print-code", "--print-opt-code", "--code-comments", "--trace-deopt"]) v8.setFlagsFromString(flag)
const sum: any = new Function("n", "let all = 0; for (let k = 0; k < n; k++) all += k; return all")
for (let k = 0; k < 3000; k++) sum(1000)
await new Promise((resolve) => setTimeout(resolve, 300))
for (const flag of ["--no-redirect-code-traces", "--no-print-code", "--no-print-opt-code", "--no-trace-deopt"]) v8.setFlagsFromString(flag)`,
  "a snapshot of the heap": `require("node:v8").writeHeapSnapshot(at.spoiled + "/heap")`,
  "a snapshot of the heap, to be read": `(require("node:v8") as any).getHeapSnapshot()
${reached}`,
  "a trace of events": `const trace: any = require("node:trace_events").createTracing({ categories: ["v8", "node"] })
trace.enable()
${reached}`,
  "a cache of compiled code": `const Module: any = require("node:module")
console.log(JSON.stringify(Module.enableCompileCache(at.spoiled)))
Module.flushCompileCache?.()`,
  "a test's snapshot": `const { run }: any = require("node:test")
run({ files: [at.outside], isolation: "none" })
${reached}`,
  "a line's history": `const repl: any = require("node:repl")
const { PassThrough }: any = require("node:stream")
const server = repl.start({ input: new PassThrough(), output: new PassThrough() })
await new Promise((resolve, reject) => server.setupHistory(at.spoiled + "/history", (error: any) => error ? reject(error) : resolve(0)))
${reached}`,
  "a word on the line to the transport": `const fs: any = require("node:fs")
for (let fd = 1; fd < 30; fd++) try { fs.writeSync(fd, ""); ${reached} } catch (error: any) { if (!/restricted|may not/.test(error.message) && error.code !== "EBADF") ${reached} }`,
  "the rights of an open file": `const fs: any = require("node:fs")
for (let fd = 0; fd < 3; fd++) try { fs.fchmodSync(fd, 0o600); ${reached} } catch (error: any) { if (!/restricted|may not/.test(error.message) && error.code !== "EBADF") ${reached} }`,
  "an emptied file beside the notebook, by a flag of reading": `const fs: any = require("node:fs")
fs.readFileSync("data.txt", { flag: "w+" })
if (fs.readFileSync("data.txt").length === 0) ${reached}`,
  // Programs, threads and native code
  "a program": `console.log(require("node:child_process").execFileSync("cat", [at.notebook]).toString())`,
  "a program, by spawn": `const { status }: any = require("node:child_process").spawnSync("true")
if (status === 0) ${reached}`,
  "a program, by fork": `require("node:child_process").fork(at.outside)
${reached}`,
  "a program of a cluster": `const cluster: any = require("node:cluster")
cluster.setupPrimary?.({ exec: at.outside })
cluster.fork()
${reached}`,
  "a thread": `const { Worker } = require("node:worker_threads")
const worker = new Worker("require('node:worker_threads').parentPort.postMessage(require('node:fs').readFileSync(" + JSON.stringify(at.notebook) + ", 'utf8'))", { eval: true, execArgv: [] })
console.log(await new Promise((resolve, reject) => { worker.on("message", resolve); worker.on("error", reject) }))`,
  "a thread, by a module of data": `const { Worker }: any = await import("data:text/javascript,export { Worker } from 'node:worker_threads'" as string)
new Worker("", { eval: true, execArgv: [] })
${reached}`,
  "a word to another thread": `await (require("node:worker_threads") as any).postMessageToThread(0, "hello")
${reached}`,
  "the session's own line": `const { parentPort, workerData }: any = require("node:worker_threads")
if (parentPort || workerData) ${reached}`,
  "a hook of the loader in a thread of its own": `${HOOK}
;(require("node:module") as any).register("data:text/javascript," + encodeURIComponent(source))
console.log(JSON.stringify(await import(("stolen:" + at.notebook) as string)))`,
  "a hook of the loader, imported": `${HOOK}
const { register }: any = await import("data:text/javascript,export { register } from 'node:module'" as string)
register("data:text/javascript," + encodeURIComponent(source))
console.log(JSON.stringify(await import(("stolen:" + at.notebook) as string)))`,
  "a hook of the loader that starts a thread": `const thread = 'require("node:worker_threads").parentPort.postMessage(require("node:fs").readFileSync(require("node:worker_threads").workerData, "utf8"))'
const source = 'import { Worker } from "node:worker_threads"; import { once } from "node:events";'
  + ' export const resolve = (url, context, next) => url.startsWith("stolen:") ? { url, shortCircuit: true } : next(url, context);'
  + ' export const load = async (url, context, next) => url.startsWith("stolen:") ? { format: "module", shortCircuit: true,'
  + ' source: "export default " + JSON.stringify(await once(new Worker(' + JSON.stringify(thread) + ', { eval: true, execArgv: [], workerData: url.slice(7) }), "message")) } : next(url, context)'
;(require("node:module") as any).register("data:text/javascript," + encodeURIComponent(source))
console.log(JSON.stringify(await import(("stolen:" + at.notebook) as string)))`,
  "a hook of the loader in this thread": `(require("node:module") as any).registerHooks({})
${reached}`,
  "a native library": `(process as any).dlopen({ exports: {} }, at.outside)
${reached}`,
  "a native library, as a module": `const zeromq: any = require("zeromq")
const socket = new zeromq.Dealer()
socket.connect("tcp://127.0.0.1:" + at.port)
${reached}; socket.close()`,
  "a native library for ciphers": `require("node:crypto").setEngine(at.outside)
${reached}`,
  "Node's own bindings": `if ((process as any).binding("fs")) ${reached}`,
  "Node's linked bindings": `if ((process as any)._linkedBinding("fs")) ${reached}`,
  "Node's open handles": `if ((process as any)._getActiveHandles()) ${reached}`,
  "code that was compiled elsewhere": `const vm: any = require("node:vm")
const data = new vm.Script("1").createCachedData()
if (!new vm.Script("1", { cachedData: data }).cachedDataRejected) ${reached}`,
  "code that was compiled elsewhere, by the back door": `Object.defineProperty(Object.prototype, "cachedData", { get() { ${reached}; return undefined }, configurable: true })
try { await import("./helper") } finally { delete (Object.prototype as any).cachedData }`,
  "the inside of this thread": `const { Session }: any = require("node:inspector")
const session = new Session()
session.connect()
${reached}`,
  "the inside of the main thread": `const { Session }: any = require("node:inspector")
const session = new Session()
session.connectToMainThread()
${reached}`,
  "a debugger's port": `require("node:inspector").open(0)
${reached}; require("node:inspector").close()`,
  "what Node tells its tools": `require("node:diagnostics_channel").subscribe("net.client.socket", () => {})
${reached}`,
  "the resources of Node's calls": `require("node:async_hooks").createHook({ init() {} }).enable().disable()
${reached}`,
  // Processes
  "a signal": `process.kill(process.ppid, 0)
${reached}`,
  "a signal, without a check": `(process as any)._kill(process.ppid, 0)
${reached}`,
  "a debugger in another process": `(process as any)._debugProcess(process.pid)
${reached}`,
  "another's priority": `require("node:os").setPriority(process.ppid, 1)
${reached}`,
  "the end of the process": `(process as any).reallyExit(1)
${reached}`,
  "another program in place of this one": `(process as any).execve("/bin/true", [])
${reached}`,
  // The network
  "a connection": calls(`require("node:net").connect(at.port, "127.0.0.1").on("error", () => {})`),
  "a connection of a socket": calls(
    `const { Socket }: any = require("node:net")\nnew Socket().connect(at.port, "127.0.0.1").on("error", () => {})`,
  ),
  "a connection of ciphers": calls(`require("node:tls").connect(at.port, "127.0.0.1").on("error", () => {})`),
  "a request": calls(`require("node:http").get("http://127.0.0.1:" + at.port).on("error", () => {})`),
  "a request of the second kind": calls(
    `require("node:http2").connect("http://127.0.0.1:" + at.port).on("error", () => {})`,
  ),
  "a fetch": calls(`void fetch("http://127.0.0.1:" + at.port).catch(() => {})`),
  "a socket of the web": calls(
    `const web = new (globalThis as any).WebSocket("ws://127.0.0.1:" + at.port)\nweb.onerror = () => {}`,
  ),
  "a stream of events": calls(
    `const events = new (globalThis as any).EventSource("http://127.0.0.1:" + at.port)\nevents.onerror = () => {}`,
  ),
  "a dispatcher of fetch": calls(`try { fetch("data:,").catch(() => {}) } catch {}
const dispatcher = (globalThis as any)[Symbol.for("undici.globalDispatcher.1")]
dispatcher.dispatch({ origin: "http://127.0.0.1:" + at.port, path: "/", method: "GET" }, { onConnect() {}, onHeaders() {}, onData() {}, onComplete() {}, onError() {}, onResponseError() {}, onRequestStart() {} })`),
  "a listener on a port": listens(`require("node:net").createServer().listen(0)`),
  "a listener on a file": listens(`require("node:net").createServer().listen(at.spoiled + "/listener")`),
  "a listener of a server that is made by hand": listens(
    `new (require("node:net").Server as any)().listen(0)`,
  ),
  "a listener of the web": listens(`require("node:http").createServer().listen(0)`),
  "a listener of the web, second kind": listens(`require("node:http2").createServer().listen(0)`),
  "a listener for packets": listens(`require("node:dgram").createSocket("udp4").bind(0)`),
  "a packet": calls(`require("node:dgram").createSocket("udp4").send("text", at.port, "127.0.0.1")`),
  "a computer's name": `await new Promise((resolve) => (require("node:dns") as any).lookup("localhost", resolve))
${reached}`,
  "a computer's name, as a promise": `await (require("node:dns") as any).promises.lookup("localhost")
${reached}`,
  "a computer's name, by a resolver": `new (require("node:dns") as any).Resolver().setServers(["127.0.0.1:" + at.port])
${reached}`,
  "names of accounts and computers": `console.log(require("node:os").userInfo().homedir, require("node:os").hostname())
${reached}`,
  "a port for a descriptor": `new (require("node:net").Socket as any)({ fd: 3 })
${reached}`,
  "a terminal": `new (require("node:tty").ReadStream as any)(0)
${reached}`,
}
