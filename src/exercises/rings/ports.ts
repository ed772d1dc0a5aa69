/** The I/O permission bitmap: which bits open a port access. */
import { Stage, type Visit } from "../../guests/rings"
import { hex } from "../../numbers/int"
import type { Random } from "../../numbers/random"
import { type Posed, posedExercise, type Slip } from "../posed"
import { recordStage } from "../runs"

interface Access {
  readonly line: string
  readonly does: string
  /** How many ports it touches. */
  readonly ports: number
}

const ACCESSES: readonly Access[] = [
  { line: "in al, dx", does: "reads a byte", ports: 1 },
  { line: "out dx, al", does: "writes a byte", ports: 1 },
  { line: "in ax, dx", does: "reads a word", ports: 2 },
  { line: "out dx, ax", does: "writes a word", ports: 2 },
  { line: "in eax, dx", does: "reads a doubleword", ports: 4 },
  { line: "out dx, eax", does: "writes a doubleword", ports: 4 },
]

/** Devices by the byte of the bitmap that their ports share. */
const DEVICES: readonly (readonly [name: string, first: number])[] = [
  ["the second interrupt controller", 0xa0],
  ["the timer", 0x40],
  ["the keyboard controller", 0x60],
  ["the clock chip", 0x70],
  ["the joystick", 0x200],
  ["the second serial port", 0x2f8],
  ["the printer", 0x378],
  ["the first serial port", 0x3f8],
]

const RULE =
  'Where CPL > IOPL, each port that an access touches needs a 0 in the I/O permission bitmap: bit (port mod 8) of byte (port div 8), counted from the low end (SDM Vol. 1 §18.5.2 "I/O Permission Bit Map").'

const LOOK = "How many ports does the access touch, and which bits of the byte are theirs?"

/** Ports of a device's eight that are opened by a byte of the bitmap. */
const opened = (first: number, byte: number) =>
  [...Array(8).keys()].filter((bit) => !(byte & (1 << bit))).map((bit) => first + bit)

/** The byte with as many ones as the access bears: each bit is tried by itself. */
function leastOpen(stage: Stage, visitWith: (byte: number) => Visit): number {
  const bears = (byte: number) => !stage.try("program", visitWith(byte), "access").fault
  return [...Array(8).keys()]
    .map((bit) => 1 << bit)
    .filter(bears)
    .reduce((byte, bit) => byte | bit, 0)
}

const mirrored = (byte: number) =>
  [...Array(8).keys()].reduce((sum, bit) => sum | (((byte >> bit) & 1) << (7 - bit)), 0)

function slips(byte: number, bit: number, ports: number): Slip[] {
  return [
    {
      answer: 0xff & ~byte,
      misconception: "ones-open-ports",
      text: "Does a 1 in this bitmap open a port, or close it?",
    },
    {
      answer: 0xff & ~(1 << bit),
      misconception: "only-the-first-port",
      text: `The access touches ${ports} ports, and each of them is asked for.`,
    },
    {
      answer: mirrored(byte),
      misconception: "bits-from-the-left",
      text: "Bit 0 is the lowest bit of the byte, the one that counts 1.",
    },
    {
      answer: 0xff & ~ports,
      misconception: "size-as-mask",
      text: "The mask depends on which ports are touched, not only on how many.",
    },
    {
      answer: 0,
      misconception: "open-them-all",
      text: "That opens all eight ports. As many as can shall stay closed.",
    },
    {
      answer: 0xff,
      misconception: "closed-stays-closed",
      text: "That closes all eight ports, and the access faults.",
    },
  ]
}

function pose(choose: Random): Posed {
  const { line, does, ports } = choose.pick(ACCESSES)
  const [device, first] = choose.pick(DEVICES)
  const bit = choose.below(9 - ports)
  const ring = choose.pick([1, 2, 3])
  const port = first + bit
  const stage = new Stage(`program:\n  mov edx, ebx\naccess:\n  ${line}\ndone:\n  nop`)
  const visitWith = (byte: number): Visit => ({ ring, iopl: 0, value: port, ports: opened(first, byte) })
  const answer = leastOpen(stage, visitWith)
  return {
    text: `A driver for ${device} runs in ring ${ring} with IOPL 0. It ${does} ${line.startsWith("in") ? "from" : "to"} port ${hex(port, 3)}, which is ${port} in decimal; so byte ${port >> 3} of the I/O permission bitmap decides.\n\nThe access shall complete, and as many ports as possible shall stay closed. What must that byte be?`,
    listing: `  mov edx, 0x${port.toString(16)}\n  ${line}`,
    form: { kind: "number", unit: "(a byte, for example 0x7F)" },
    answer,
    because: `With ${hex(answer, 2)} the access completed in the run; with any other bit set it faulted. ${RULE}`,
    look: LOOK,
    rule: RULE,
    slips: slips(answer, bit, ports),
    run: (byte) => {
      const title = `The access with ${hex(Number(byte) & 0xff, 2)} in the bitmap`
      return recordStage(stage, { title, from: "program", visit: visitWith(Number(byte)), until: "done" })
    },
  }
}

/** Each bit of the byte is tried; the student gives the byte. */
export const PORTS = posedExercise("rings/ports", "Open just these ports", pose)
