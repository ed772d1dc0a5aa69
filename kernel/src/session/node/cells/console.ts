import { Console } from "node:console"
import { Writable } from "node:stream"
import { StringDecoder } from "node:string_decoder"
import type { Publisher } from "../../display/publisher"
import { hideBookkeeping } from "./inspect"

/** Makes `console`, and writing to the process's streams, print below the cell; and ways to end the process fail. */
export function installConsole(publisher: Publisher): void {
  const stdout = streamTo(publisher, "stdout")
  const stderr = streamTo(publisher, "stderr")
  const console = new Console({ stdout, stderr, colorMode: false })
  console.clear = () => publisher.clear(false)
  replace(globalThis, "console", console)
  replace(process, "stdout", stdout)
  replace(process, "stderr", stderr)
  replace(process, "exit", refuseToExit)
  hushExperiments()
}

/** A stream whose text has left when `write` returns, so that a loop's output is seen while it runs. */
function streamTo(publisher: Publisher, name: "stdout" | "stderr"): Writable {
  const stream = new Writable({ decodeStrings: false })
  const bytes = new StringDecoder("utf8") // a character may come in pieces
  stream.write = (chunk: unknown, ...rest: unknown[]): boolean => {
    const text =
      typeof chunk === "string" ? chunk.toWellFormed() : bytes.write(Buffer.from(chunk as Uint8Array))
    publisher.print(name, hideBookkeeping(text))
    const done = rest.find((value) => typeof value === "function") as (() => void) | undefined
    if (done) process.nextTick(done)
    return true
  }
  return stream
}

function replace(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: true })
}

/** Node remarks on what it calls experimental, such as the way in which modules are loaded here. Readers need not know. */
function hushExperiments(): void {
  const { emitWarning } = process
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const type = (rest[0] as { type?: string } | undefined)?.type ?? rest[0]
    if (type !== "ExperimentalWarning") Reflect.apply(emitWarning, process, [warning, ...rest])
  }
}

function refuseToExit(): never {
  throw new Error(
    "process.exit() would end the notebook's kernel. To start afresh, restart the kernel from the menu.",
  )
}
