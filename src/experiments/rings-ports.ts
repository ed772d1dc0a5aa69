/** The I/O permission bitmap: single ports for rings that IOPL keeps out. */
import { once } from "../guests/once"
import { Stage, type Tried } from "../guests/rings"
import { hex } from "../numbers/int"
import type { Chart, Experiment, Result, Values } from "./experiment"

const READS: Readonly<Record<string, { readonly label: string; readonly ports: number }>> = {
  "IN AL, DX (1 port)": { label: "byte", ports: 1 },
  "IN AX, DX (2 ports)": { label: "word", ports: 2 },
  "IN EAX, DX (4 ports)": { label: "dword", ports: 4 },
}
const CODE = [
  ["byte", "in al, dx"],
  ["word", "in ax, dx"],
  ["dword", "in eax, dx"],
]
const stage = once(
  () =>
    new Stage(CODE.map(([label, line]) => `${label}:\n  mov edx, ebx\n.here:\n  ${line}\n  nop`).join("\n")),
)

/** The serial port's eight ports; the chart shows them with their neighbours. */
const FIRST_SHOWN = 0x3f0
const SHOWN = Array.from({ length: 16 }, (_, n) => FIRST_SHOWN + n)

const range = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n)

function bitRow(port: number, open: readonly number[], read: readonly number[]): string[] {
  const bit = open.includes(port) ? "0: open" : "1: closed"
  return [hex(port, 3), String(port >> 3), String(port & 7), bit, read.includes(port) ? "must be 0" : ""]
}

function chart(open: readonly number[], read: readonly number[]): Chart {
  const bits = SHOWN.map((port) => (open.includes(port) ? 0 : 1))
  const colours = SHOWN.map((port) => (read.includes(port) ? "#e07a5f" : "#7fb3d5"))
  const words = SHOWN.map((port, n) => (read.includes(port) ? `${bits[n]} read` : String(bits[n])))
  const bars = {
    type: "bar",
    x: SHOWN.map((port) => hex(port, 3)),
    y: bits,
    text: words,
    textposition: "outside",
    cliponaxis: false,
    marker: { color: colours },
  }
  const yaxis = { title: { text: "bit in the bitmap (1 closed)" }, tickvals: [0, 1], range: [0, 1.3] }
  return {
    data: [bars],
    layout: { xaxis: { title: { text: "port number" }, type: "category" }, yaxis, height: 280 },
  }
}

function sentence(
  instruction: string,
  { ring, iopl }: { ring: number; iopl: number },
  { fault }: Tried,
): string {
  const deed = `${instruction} in ring ${ring} with IOPL ${iopl}`
  if (fault) return `${deed} faults with ${fault.name}(${fault.errorCode}): ${fault.says} (${fault.see}).`
  const why =
    ring <= iopl ? "CPL ≤ IOPL, so nobody asks the bitmap" : "the bitmap has a 0 for each port it touches"
  return `${deed} completes: ${why}.`
}

function run({ instruction, port, first, count, ring, iopl }: Values): Result {
  const name = String(instruction)
  if (!(name in READS))
    throw new RangeError(
      `there is no instruction "${name}" here; there are: ${Object.keys(READS).join("; ")}`,
    )
  const { label, ports } = READS[name]
  const open = range(Number(first), Number(count))
  const read = range(Number(port), ports)
  const where = { ring: Number(ring), iopl: Number(iopl) }
  const tried = stage().try(label, { ...where, value: Number(port), ports: open }, `${label}.here`)
  return {
    sentence: sentence(
      `${name.slice(0, name.indexOf(" ("))} from port ${hex(Number(port), 3)}`,
      where,
      tried,
    ),
    table: {
      columns: ["port", "byte of the bitmap", "bit", "value", "this access"],
      rows: read.map((each) => bitRow(each, open, read)),
    },
    chart: chart(open, read),
  }
}

/** One port access against a bitmap that the reader fills. */
export const PORTS_EXPERIMENT: Experiment = {
  name: "rings/ports",
  title: "The I/O permission bitmap",
  about:
    "Open some ports in the bitmap, then read one, two or four of them at once. When is IOPL no longer asked?",
  parameters: {
    instruction: {
      kind: "choice",
      label: "Instruction",
      options: Object.keys(READS),
      value: "IN AX, DX (2 ports)",
    },
    port: {
      kind: "range",
      label: "DX: first port read",
      unit: "",
      min: 0x3f0,
      max: 0x3fc,
      step: 1,
      value: 0x3f8,
    },
    first: {
      kind: "range",
      label: "First open port",
      unit: "",
      min: 0x3f0,
      max: 0x3ff,
      step: 1,
      value: 0x3f8,
    },
    count: { kind: "range", label: "Open ports", unit: "ports", min: 0, max: 8, step: 1, value: 1 },
    ring: { kind: "range", label: "Ring (CPL)", unit: "", min: 0, max: 3, step: 1, value: 3 },
    iopl: { kind: "range", label: "IOPL", unit: "", min: 0, max: 3, step: 1, value: 0 },
  },
  run,
}
