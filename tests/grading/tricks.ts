/**
 * What a student might try so as to get points for a wrong answer: a cell each. `iopl` is the answer; "0" is wrong, "2" is
 * right.
 */
export const FORGERIES: Readonly<Record<string, string>> = {
  "names of its own for grade, answer and exercise": `
const grade = () => 1
const answer = async () => "2"
const exercise = () => ({ check: () => ({ right: true, text: "" }) })`,
  "another check in the exercises' prototype": `
import { exercise as asked } from "ringlab"
Object.getPrototypeOf(asked("rings/iopl", 6)).check = () => ({ right: true, text: "" })
Object.defineProperty(Object.prototype, "check", { value: () => ({ right: true, text: "" }), configurable: true })`,
  "other exports in the module cache": `
const cached = Object.values(require.cache).filter((module) => module?.filename.includes("exercise"))
for (const module of cached) module.exports = { exercise: () => ({ check: () => ({ right: true }) }), grade: () => 1 }`,
  "a loader that gives out another ringlab": `
import Module from "node:module"
const loader = Module as any
const load = loader._load
loader._load = (name: string, ...rest: unknown[]) => name === "ringlab" ? { grade: () => 1 } : load(name, ...rest)`,
  "a loader hook": `
import { register } from "node:module"
try { register("data:text/javascript,export const load = () => ({ format: 'module', source: '1', shortCircuit: true })") } catch {}`,
  "a console that prints points": `
for (const name of ["log", "info", "error", "warn"]) (console as any)[name] = () => process.stdout.write("1\\n")
process.stdout.write("1\\n")`,
  "a host that shows points": `
const host = (globalThis as any)[Symbol.for("ringlab.host")]
host.show({ "text/plain": "1" })
Object.defineProperty(globalThis, Symbol.for("ringlab.host"), { value: { ...host, show: () => host.show({ "text/plain": "1" }) } })`,
  "messages of its own making": `
import { MessagePort } from "node:worker_threads"
const post = MessagePort.prototype.postMessage
const forged = JSON.stringify({ execution_count: 1, data: { "text/plain": "1" }, metadata: {} })
MessagePort.prototype.postMessage = function (message: any, ...rest: any[]) {
  for (const parent of ["", "*", "undefined", message.id])
    post.call(this, { kind: "output", parent, type: "execute_result", content: forged, metadata: "{}", buffers: [] } as any, ...rest)
  return post.call(this, message, ...rest)
}`,
  "functions made of text": `
new Function("globalThis.grade = () => 1; Number.prototype.toString = () => '1'")()
globalThis.eval("globalThis.points = 1")`,
  "a timer that goes on after its cell": `
setTimeout(() => { (globalThis as any)[Symbol.for("ringlab.host")].show({ "text/plain": "1" }) }, 20)
setInterval(() => process.stdout.write("1"), 5)`,
  "arrays that find whatever is looked for": `
Array.prototype.includes = () => true
Array.prototype.some = () => true`,
  "a graded cell that spoils what the next one uses": `
import { answer } from "notebook"
import { exercise } from "ringlab"
await answer("1")
Object.getPrototypeOf(exercise("rings/iopl", 6)).check = () => ({ right: true, text: "" })
Object.defineProperty(Object.prototype, "right", { get: () => true })
Number.prototype.toString = () => "1"
;(globalThis as any).structuredClone = () => "2"
1`,
}

const GUESSED = `{ kind: "output", parent: "guessed", type: "execute_result", metadata: "{}", buffers: [],
  content: JSON.stringify({ execution_count: 1, data: { "text/plain": "1" }, metadata: {} }) }`

/** Ways to take part in a test whose message's id the student has guessed: nbgrader's front end counts its messages. */
export const GUESSES: Readonly<Record<string, string>> = {
  "a result of its own making, beside each reply": `
import { MessagePort } from "node:worker_threads"
const post = MessagePort.prototype.postMessage
MessagePort.prototype.postMessage = function (message: any, ...rest: any[]) {
  post.call(this, ${GUESSED}, ...rest)
  return post.call(this, message, ...rest)
}`,
  "a widget that takes its outputs": `
const widget = { _model_module: "@jupyter-widgets/output", _model_name: "OutputModel", msg_id: "guessed", outputs: [] }
;(globalThis as any)[Symbol.for("ringlab.host")].comm("jupyter.widget", { state: widget }, {})`,
  "a widget from a graded cell of its own": `
import { answer } from "notebook"
const widget = { _model_module: "@jupyter-widgets/output", _model_name: "OutputModel", msg_id: "guessed", outputs: [] }
;(globalThis as any)[Symbol.for("ringlab.host")].comm("jupyter.widget", { state: widget }, {})
await answer("1")`,
  "messages that make no sense": `
import { MessagePort } from "node:worker_threads"
const post = MessagePort.prototype.postMessage
MessagePort.prototype.postMessage = function (message: any, ...rest: any[]) {
  for (const content of ["{", undefined, 5, "null"])
    post.call(this, { kind: "output", parent: message.id, type: "comm_open", content } as any, ...rest)
  return post.call(this, message, ...rest)
}`,
}

/** Cells that spoil the notebook's own session so much that it can answer nothing any more. */
export const SPOILERS: Readonly<Record<string, string>> = {
  "right in every object": `
Object.defineProperty(Object.prototype, "right", { get: () => true, set() {}, configurable: true })
Object.defineProperty(Object.prototype, "points", { get: () => 1, set() {}, configurable: true })`,
  "promises that come true as wished": `
const then = Promise.prototype.then
Promise.prototype.then = function (done: any, failed: any) {
  return then.call(this, (value) => done?.(value === "0" ? "2" : value), failed) as any
}`,
  "the same reply to every request, whoever asks": `
import { MessagePort } from "node:worker_threads"
const post = MessagePort.prototype.postMessage
MessagePort.prototype.postMessage = function (message: any, ...rest: any[]) {
  if (message.kind === "reply") message.content = { status: "ok", text: "1", points: 1, value: "1" }
  return post.call(this, message, ...rest)
}`,
  "an answer that nobody ever gets": "iopl = new Promise(() => {})",
  "another JSON": `
JSON.stringify = () => '{"execution_count":1,"data":{"text/plain":"1"},"metadata":{}}'
JSON.parse = () => ({ right: true, "text/plain": "1" })
Object.defineProperty(Object.prototype, "toJSON", { value: () => ({ "text/plain": "1" }), configurable: true })`,
  "text that equals everything": `
String.prototype.trim = () => "2"
String.prototype.replace = () => "2"`,
}

/** Answers that are not what they seem. */
export const ANSWERS: Readonly<Record<string, string>> = {
  "shows itself as points": `({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "1", "application/vnd.ringlab.v1+json": { right: true } }) })`,
  "has texts of its own": `({ toString: () => "2", valueOf: () => "2", [Symbol.toPrimitive]: () => "2", [Symbol.for("nodejs.util.inspect.custom")]: () => "1" })`,
  "is another at each look": `new Proxy({}, { get: (_, name) => (name === "then" ? undefined : () => "2") })`,
  "shows points when somebody looks": `({ get iopl() { (globalThis as any)[Symbol.for("ringlab.host")].show({ "text/plain": "1" }); return "2" } })`,
  "is a promise that is never kept truthfully": `({ then: (done: (value: unknown) => void) => done({ right: true }) })`,
  "is all right answers at once": `["2"].concat(["0"])`,
}

/** Ways to read what a student should not, or to break out: each ends in an error, or in what \`seen\` does not hold. */
export const PEEKS: Readonly<Record<string, string>> = {
  "the notebook file": `import { readFileSync } from "node:fs"
readFileSync("graded.ipynb", "utf8")`,
  "the folder": `import { readdirSync } from "node:fs"
readdirSync(".")`,
  "the folder above": `import { readdirSync as above } from "node:fs"
above("..")`,
  "the notebook through a package's loader": `require("./graded.ipynb")`,
  "the kernel's connection": `import { readFileSync as read } from "node:fs"
read(\`/proc/\${process.ppid}/cmdline\`, "utf8")`,
  "the outside, by a program": `import { execSync } from "node:child_process"
execSync("cat graded.ipynb").toString()`,
  "the outside, by a thread without limits": `import { Worker } from "node:worker_threads"
new Worker("require('node:fs').readFileSync('graded.ipynb')", { eval: true, execArgv: [] })`,
  "the inside of other threads": `import { Session } from "node:inspector"
new Session().connectToMainThread()`,
  "the kernel's sockets, or any other": `import { connect } from "node:net"
connect(80, "127.0.0.1")`,
  "another computer, by its web server": `await fetch("http://127.0.0.1:80").catch((error) => { throw error.cause })`,
  "another computer, by packets": `import { createSocket } from "node:dgram"
createSocket("udp4").send("text", 53, "127.0.0.1")`,
  "Node's own bindings": `(process as any).binding("fs")`,
  "the end of the kernel": `process.kill(process.ppid)`,
}
