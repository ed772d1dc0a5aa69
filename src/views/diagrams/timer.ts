/**
 * The way of a timer interrupt, station by station, with what each says at the moment; where it is held up, and why.
 *
 *     timer ──line 0──► interrupt controller ──INTR──► processor ──vector──► gate ──► handler
 */

import { holding, type PicChip } from "../../devices/pic-chip"
import { PIT_HERTZ } from "../../devices/pit"
import { latchCount, output, type PitCounter } from "../../devices/pit-counter"
import { IF } from "../../isa/eflags"
import { gateKind } from "../../machine/delivery/interrupts"
import type { Machine } from "../../machine/machine"
import { isPresent } from "../../machine/processor/descriptors"
import { hex } from "../../numbers/int"
import { type Listing, labelsOf, placeName } from "../context"
import { between, block, bottom, EDGE, INNER, type Piece, page, sorry, TOP, table } from "./kit"
import type { Scene, TextLook } from "./scene"
import { descriptorAt } from "./segments"

/** A place on the way: what it says, and what keeps an interrupt here. */
interface Station {
  readonly name: string
  readonly says: readonly string[]
  readonly held: string | undefined
}

const TITLE = "The way of a timer interrupt"

/** Draw the way. */
export function timerScene(machine: Machine, listing: Listing | undefined = machine.program): Scene {
  const pit = deviceState<{ counters: PitCounter[] }>(machine, "pit")
  const pic = deviceState<{ first: PicChip }>(machine, "pic")
  if (!pit || !pic)
    return sorry(TITLE, `This machine has no ${pit ? "interrupt controller" : "timer"}: make it with pc().`)
  const stations = [
    timerStation(machine, pit.counters[0]),
    controllerStation(pic.first),
    processorStation(machine),
    gateStation(machine, pic.first.base, listing),
  ]
  const blocks = drawStations(stations)
  const bits = bitTable(pic.first, blocks[1])
  const arrows = blocks.slice(1).map((one, n) => between(blocks[n], one))
  const says = stations.map(
    ({ name, says, held }) =>
      `${name}: ${says.join(", ")}${held === undefined ? "" : `; it stops here: ${held}`}.`,
  )
  return page(TITLE, says, [...blocks, ...arrows, bits])
}

const deviceState = <State>({ bus }: Machine, kind: string) =>
  bus.devices.find((device) => device.kind === kind)?.state as State | undefined

function timerStation({ clock, options }: Machine, counter: PitCounter): Station {
  const now = Math.floor((clock.now * PIT_HERTZ) / options.hertz)
  const own = { ...counter }
  const high = output(own, now)
  latchCount(own, now)
  const running = counter.since >= 0
  const hertz = PIT_HERTZ / counter.length
  return {
    name: "Timer (8254), counter 0",
    says: [
      `mode ${counter.mode}, from ${counter.length.toLocaleString("en")}: ${hertz.toFixed(1)} times a second`,
      `count ${own.latch < 0 ? "–" : own.latch.toLocaleString("en")}, output ${high ? "high" : "low"}`,
    ],
    held: running ? undefined : "no count has been written yet",
  }
}

/** What holds a request of line 0 back; one that has not come yet would be held back alike. */
function controllerStation(first: PicChip): Station {
  return {
    name: "Interrupt controller (8259A)",
    says: [`line 0: vector ${hex(first.base, 2)}`, lineWords(first)],
    held: holding({ ...first, irr: first.irr | 1 }, 0, (line) => line),
  }
}

const lineWords = ({ irr, isr, imr }: PicChip) => `IRR ${irr & 1}, ISR ${isr & 1}, IMR ${imr & 1}`

function processorStation({ cpu, bus }: Machine): Station {
  const open = cpu.flags.has(IF)
  return {
    name: "Processor",
    says: [`INTR ${bus.controller?.pending() ? 1 : 0}`, `IF ${open ? 1 : 0}, CPL ${cpu.cpl}`],
    held: open ? undefined : "IF is 0, so it looks at no interrupt",
  }
}

function gateStation(machine: Machine, vector: number, listing: Listing | undefined): Station {
  const { idtr } = machine.cpu
  const name = `Gate ${hex(vector, 2)} of the IDT`
  if (vector * 8 + 7 > idtr.limit) return { name, says: ["no such gate"], held: "the IDT is too short" }
  const found = descriptorAt(machine, (idtr.base + vector * 8) | 0, "the gate")
  if ("why" in found) return { name, says: ["no gate"], held: "all its bytes are 0" }
  const { access, low, high } = found.descriptor
  const offset = ((low & 0xffff) | (high & 0xffff_0000)) >>> 0
  return {
    name,
    says: [gateKind(access) ?? "no gate", `to ${hex(low >>> 16, 4)}:${placeName(offset, labelsOf(listing))}`],
    held: isPresent(access) ? undefined : "it is not present",
  }
}

const STATION = 356

function drawStations(stations: readonly Station[]): Piece[] {
  const blocks: Piece[] = []
  for (const { name, says, held } of stations) {
    const y = blocks.length === 0 ? TOP : bottom(...blocks) + 26
    const stop = held === undefined ? [] : [[`✗ Stops here: ${held}.`, "head"] as const]
    blocks.push(block([EDGE, y, STATION], name, [...says, ...stop], held === undefined ? "plain" : "wrong"))
  }
  return blocks
}

const BIT = 30
const NAME = INNER - STATION - 24 - 8 * BIT

/** The three registers, a column a line. */
function bitTable({ irr, isr, imr }: PicChip, beside: Piece): Piece {
  const lines = [7, 6, 5, 4, 3, 2, 1, 0]
  const row = (name: string, cells: readonly string[], look: TextLook) => ({
    cells: [[name, "note"] as const, ...cells.map((cell) => [cell, look] as const)],
  })
  const bits = (value: number) => lines.map((line) => `${(value >> line) & 1}`)
  return table(
    EDGE + STATION + 24,
    beside.y,
    [NAME, ...lines.map(() => BIT)],
    [
      row("line", lines.map(String), "bits"),
      row("IRR", bits(irr), "strong"),
      row("ISR", bits(isr), "strong"),
      row("IMR", bits(imr), "strong"),
    ],
  )
}
