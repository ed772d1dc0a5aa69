/** CPL, RPL and DPL: which data and stack segments a ring may load. */
import { once } from "../../guests/once"
import { dataOfRing, Stage, type Tried } from "../../guests/rings"
import { hex } from "../../numbers/int"
import type { Experiment, Result, Values } from "../experiment"
import { gridChart } from "./grid"

const stage = once(() => new Stage("load_ds:\n  mov ds, ebx\n  nop\nload_ss:\n  mov ss, ebx\n  nop"))
const LABELS: Readonly<Record<string, string>> = { DS: "load_ds", SS: "load_ss" }
const FOUR = [0, 1, 2, 3]

interface Load {
  readonly register: string
  readonly cpl: number
  readonly rpl: number
  readonly dpl: number
}

const selector = ({ rpl, dpl }: Load) => dataOfRing(dpl) | rpl

function load(wanted: Load): Tried {
  return stage().try(LABELS[wanted.register], { ring: wanted.cpl, iopl: 0, value: selector(wanted) })
}

function word({ fault }: Tried): string {
  return fault ? `${fault.name}(${hex(fault.errorCode ?? 0, 4)})` : "completes"
}

function sentence(wanted: Load, { fault }: Tried): string {
  const { register, cpl, rpl, dpl } = wanted
  const deed = `In ring ${cpl}, MOV ${register} with selector ${hex(selector(wanted), 4)} (RPL ${rpl}, DPL ${dpl})`
  return fault
    ? `${deed} faults with ${word({ fault } as Tried)}: ${fault.says} (${fault.see}).`
    : `${deed} completes.`
}

function run({ register, cpl, rpl, dpl }: Values): Result {
  const chosen: Load = { register: String(register), cpl: Number(cpl), rpl: Number(rpl), dpl: Number(dpl) }
  if (!(chosen.register in LABELS))
    throw new RangeError(`there is no segment register "${register}" here; there are: DS, SS`)
  const grid = FOUR.map((r) => FOUR.map((d) => load({ ...chosen, rpl: r, dpl: d })))
  const words = grid.map((line) => line.map(word))
  return {
    sentence: sentence(chosen, grid[chosen.rpl][chosen.dpl]),
    table: {
      columns: ["", ...FOUR.map((d) => `DPL ${d}`)],
      rows: FOUR.map((r) => [`RPL ${r}`, ...words[r]]),
      mark: chosen.rpl,
    },
    chart: gridChart(
      { title: "DPL of the segment", values: FOUR },
      { title: "RPL of the selector", values: FOUR },
      grid.map((line) => line.map(({ fault }) => (fault ? "faults" : "completes"))),
      words,
      [chosen.dpl, chosen.rpl],
    ),
  }
}

/** Sixteen loads of one segment register in one ring. */
export const SEGMENTS_EXPERIMENT: Experiment = {
  name: "rings/segments",
  title: "CPL, RPL and DPL",
  about:
    "A ring loads a segment register with each of 16 selectors. Where is the border for DS, and where for SS?",
  parameters: {
    register: { kind: "choice", label: "Segment register", options: ["DS", "SS"], value: "DS" },
    cpl: { kind: "range", label: "CPL (the ring that loads)", unit: "", min: 0, max: 3, step: 1, value: 1 },
    rpl: { kind: "range", label: "RPL of the selector", unit: "", min: 0, max: 3, step: 1, value: 2 },
    dpl: { kind: "range", label: "DPL of the segment", unit: "", min: 0, max: 3, step: 1, value: 1 },
  },
  run,
}
