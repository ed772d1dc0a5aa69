/** Standard input or a file as what somebody types at the guest's serial port or keyboard. */
import { fstatSync } from "node:fs"
import type { ReadStream } from "node:tty"
import { awaitsInput, awaitsKeys, type Machine } from "ringlab"
import { MEBIBYTE, readAll, readBytes, tooLarge } from "./files"
import { badUsage } from "./trouble"

/** What is typed. Characters are bytes. */
interface Typist {
  /** What came since the last call. */
  take(): string
  /** Waits until more came; false if nothing more will. */
  more(): Promise<boolean>
  close(): void
}

/** A typist with something to type at. */
export interface Hand {
  readonly on: "serial" | "keyboard"
  readonly typist: Typist
  put(text: string): void
  /** Whether something typed now would wake the machine. */
  awaited(): boolean
}

/** Who types at a machine, as `--serial` and `--keyboard` say. @throws Trouble */
export function handsAt(machine: Machine, serial: string | undefined, keys: string | undefined): Hand[] {
  if (serial === "stdio" && keys === "stdio")
    throw badUsage("Standard input can go to the serial port or to the keyboard: give a FILE to --keyboard.")
  // The file first: when it cannot be read, nobody shall listen to standard input yet.
  const keyboard = keys ? [keyboardHand(machine, keys)] : []
  return [...(serial === "stdio" ? [serialHand(machine)] : []), ...keyboard]
}

const serialHand = (machine: Machine): Hand => ({
  on: "serial",
  typist: standardInput(),
  put: (text) => void machine.type(text),
  awaited: () => awaitsInput(machine),
})

const keyboardHand = (machine: Machine, from: string): Hand => ({
  on: "keyboard",
  typist: started(machine, from === "stdio" ? standardInput() : ofText(textOf(readBytes(from, MOST_TYPED)))),
  put: (text) => void machine.press(text.replace(/[\x80-\xff]/g, "")),
  awaited: () => awaitsKeys(machine),
})

/** It takes a serial port 25 minutes to bring so much. */
const MOST_TYPED = 16 * MEBIBYTE
const STANDARD_INPUT = "standard input"

const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1")

/** Nothing tells that a kernel is ready for keys: it gets so many steps before the first, or until it halts. */
const START = 1_000_000

function started({ clock, cpu }: Machine, typist: Typist): Typist {
  const isReady = () => clock.steps >= START || cpu.activity === "halted"
  return {
    take: () => (isReady() ? typist.take() : ""),
    more: () => typist.more(),
    close: () => typist.close(),
  }
}

/**
 * Standard input. A file is there as a whole from the start, so that the run is the same every time; what a terminal or a
 * pipe brings is typed when it comes.
 */
function standardInput(): Typist {
  if (!fstatSync(0).isFile()) return new Heard(process.stdin)
  return ofText(textOf(readAll(STANDARD_INPUT, 0, MOST_TYPED)))
}

function ofText(text: string): Typist {
  let rest = text
  const take = () => {
    const all = rest
    rest = ""
    return all
  }
  return { take, more: async () => rest !== "", close: () => {} }
}

const CONTROL_C = "\x03"

/** A stream that is listened to. A terminal gives each key at once and leaves the echo to the guest. */
class Heard implements Typist {
  private waiting = ""
  private heard = 0
  private ended = false
  private wake: () => void = () => {}

  constructor(private readonly stream: ReadStream) {
    stream.setEncoding("latin1")
    stream.on("data", this.hear)
    for (const event of ["end", "error", "close"]) stream.on(event, this.end)
    if (stream.isTTY) stream.setRawMode(true)
  }

  private readonly hear = (text: string | Buffer): void => {
    // A terminal that hands on each key does not make it a signal.
    if (this.stream.isTTY && text.includes(CONTROL_C)) process.emit("SIGINT")
    this.waiting += text
    this.heard += text.length
    if (this.heard > MOST_TYPED) this.stream.pause()
    this.wake()
  }

  private readonly end = (): void => {
    this.ended = true
    this.wake()
  }

  /** @throws Trouble if the stream does not seem to end */
  take(): string {
    if (this.heard > MOST_TYPED) throw tooLarge(STANDARD_INPUT, MOST_TYPED)
    const text = this.waiting
    this.waiting = ""
    return text
  }

  async more(): Promise<boolean> {
    if (this.waiting === "" && !this.ended) await new Promise<void>((done) => (this.wake = done))
    return this.waiting !== ""
  }

  close(): void {
    this.end()
    if (this.stream.isTTY) this.stream.setRawMode(false)
    this.stream.destroy()
  }
}
