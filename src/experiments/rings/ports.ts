/** The I/O permission bitmap: single ports for rings that IOPL keeps out. */
import { once } from "../../guests/once"
import { Stage, type Tried } from "../../guests/rings"
import { hex } from "../../numbers/int"
import type { Chart, Experiment, Result, Values } from "../experiment"
import { framed } from "./grid"

const READS: Readonly<Record<string, { readonly label: string; readonly ports: number }>> = {
  "IN AL, DX (1 port)": { label: "one_port", ports: 1 },
  "IN AX, DX (2 ports)": { label: "two_ports", ports: 2 },
  "IN EAX, DX (4 ports)": { label: "four_ports", ports: 4 },
}
const CODE = [
  ["one_port", "in al, dx"],
  ["two_ports", "in ax, dx"],
  ["four_ports", "in eax, dx"],
]
const stage = once(
  () =>
    new Stage(CODE.map(([label, line]) => `${label}:\n  mov edx, ebx\n.here:\n  ${line}\n  nop`).join("\n")),
)

/** The serial port's eight ports; the chart shows them with their neighbours. */
const FIRST_SHOWN = 0x3f0
const SHOWN = Array.from({ length: 16 }, (_, n) => FIRST_SHOWN + n)

const PORTS = SHOWN.map((port) => hex(port, 3))
const portNamed = (name: Values[string]) => Number.parseInt(String(name), 16)

const range = (first: number, count: number) => Array.from({ length: count }, (_, n) => first + n)

function bitRow(port: number, open: readonly number[], read: readonly number[]): string[] {
  const bit = open.includes(port) ? "0: open" : "1: closed"
  return [hex(port, 3), String(port >> 3), String(port & 7), bit, read.includes(port) ? "must be 0" : ""]
}

/** The bits of all ports shown, in a row; a frame stands around those that the access touches. */
function chart(open: readonly number[], read: readonly number[]): Chart {
  const bits = SHOWN.map((port) => (open.includes(port) ? 0 : 1))
  const row = {
    type: "heatmap",
    x: SHOWN,
    y: ["bitmap"],
    z: [bits],
    zmin: 0,
    zmax: 1,
    colorscale: [
      [0, "#7fb3d5"],
      [1, "#e07a5f"],
    ],
    showscale: false,
    text: [bits.map(String)],
    texttemplate: "%{text}",
    textfont: { color: "#111111", size: 16 },
    hovertemplate: "port %{x}: bit %{text}<extra></extra>",
    xgap: 3,
  }
  const ticks = { tickvals: SHOWN, ticktext: SHOWN.map((port) => hex(port, 3)), tickangle: -90 }
  const xaxis = { title: { text: "port number" }, showgrid: false, ...ticks }
  const yaxis = { title: { text: "bit (0 open, 1 closed)" }, showticklabels: false, showgrid: false }
  return { data: [row], layout: { xaxis, yaxis, height: 220, shapes: frame(read) } }
}

function frame(ports: readonly number[]) {
  const HALF = 0.46
  const ends = { x0: ports[0] - HALF, x1: ports[ports.length - 1] + HALF }
  return framed({ ...ends, yref: "paper", y0: 0.03, y1: 0.97 })
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
  const open = range(portNamed(first), Number(count))
  const read = range(portNamed(port), ports)
  const where = { ring: Number(ring), iopl: Number(iopl) }
  const tried = stage().try(label, { ...where, value: portNamed(port), ports: open }, `${label}.here`)
  return {
    sentence: sentence(
      `${name.slice(0, name.indexOf(" ("))} from port ${hex(portNamed(port), 3)}`,
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
    "Open some ports in the bitmap, then read one, two or four of them at once. When does the bitmap no longer matter?",
  parameters: {
    instruction: {
      kind: "choice",
      label: "Instruction",
      options: Object.keys(READS),
      value: "IN AX, DX (2 ports)",
    },
    port: { kind: "choice", label: "DX: first port read", options: PORTS.slice(0, -3), value: "3F8h" },
    first: { kind: "choice", label: "First open port", options: PORTS, value: "3F8h" },
    count: { kind: "range", label: "Open ports", unit: "ports", min: 0, max: 8, step: 1, value: 1 },
    ring: { kind: "range", label: "Ring (CPL)", unit: "", min: 0, max: 3, step: 1, value: 3 },
    iopl: { kind: "range", label: "IOPL", unit: "", min: 0, max: 3, step: 1, value: 0 },
  },
  run,
}
