/** `diagram`: a picture for each main idea, as a cell's last line has it. */

import type { Machine } from "../../machine/machine"
import { withCard } from "../../numbers/card"
import { RecordedMoment } from "../moment"
import { descriptorScene } from "./descriptor"
import { Diagram } from "./diagram"
import { type GateOptions, gateScene } from "./gate"
import { type LayersKind, layersScene } from "./layers"
import { type RingsOptions, ringsScene } from "./rings"
import { type SelectorOptions, selectorScene } from "./selector"
import { timerScene } from "./timer"
import { walkScene } from "./walk"

/** What a diagram is drawn from: a machine as it is now, or a moment of a recording, `run.at(24)`. */
export type Drawn = Machine | RecordedMoment

/** What there is a diagram of. Each is drawn as things are when it is called, and changes nothing. */
export interface Diagrams {
  /**
   * The four rings, who runs in each, and in which of them instructions work: as the instruction table says.
   * @throws RangeError if there is no such instruction or IOPL
   * @example diagram.rings({ instructions: ["CLI", "POPF"], iopl: 1 })
   */
  rings(options?: RingsOptions): Diagram
  /**
   * A selector's index, TI and RPL; with a machine also the descriptor that it names, and whether DS may be loaded with it.
   * @throws RangeError if it is no number of 16 bits
   * @example diagram.selector(0x1b, machine)
   */
  selector(selector: number, machine?: Drawn, options?: SelectorOptions): Diagram
  /**
   * The eight bytes of the descriptor that a selector names, and its fields.
   * @throws RangeError if the selector is no number of 16 bits
   * @example diagram.descriptor(machine, machine.cs)
   */
  descriptor(machine: Drawn, selector: number): Diagram
  /**
   * What a vector leads to: gate, code segment, handler, and the stack frame as it would be pushed now.
   * @throws RangeError if the vector is no number from 0 to 255
   * @example diagram.gate(run.at(24), 0x80)
   */
  gate(machine: Drawn, vector: number, options?: GateOptions): Diagram
  /**
   * The way of the timer's interrupt from counter to handler, and where it is held up.
   * @example diagram.timer(machine)
   */
  timer(machine: Drawn): Diagram
  /**
   * Where a monitor sits, and the ways of a system call and of a privileged instruction.
   * @throws RangeError if there is no such kind
   * @example diagram.layers("trap-and-emulate")
   */
  layers(kind: LayersKind): Diagram
  /**
   * The walk of a linear address through the page tables; of a virtual machine also where the page lies in the machine.
   * @throws RangeError if the address is no number of 32 bits
   * @example diagram.walk(machine, machine.eip)
   */
  walk(machine: Drawn, linear: number): Diagram
}

const machineOf = (drawn: Drawn): Machine => (drawn instanceof RecordedMoment ? drawn.machine() : drawn)
const listingOf = (drawn: Drawn) => (drawn instanceof RecordedMoment ? drawn.listing : drawn.program)

const DIAGRAMS: Diagrams = {
  rings: (options) => new Diagram(ringsScene(options)),
  selector: (selector, drawn, options) =>
    new Diagram(selectorScene(selector, drawn && machineOf(drawn), options)),
  descriptor: (drawn, selector) => new Diagram(descriptorScene(machineOf(drawn), selector)),
  gate: (drawn, vector, options) =>
    new Diagram(gateScene(machineOf(drawn), vector, options, listingOf(drawn))),
  timer: (drawn) => new Diagram(timerScene(machineOf(drawn), listingOf(drawn))),
  layers: (kind) => new Diagram(layersScene(kind)),
  walk: (drawn, linear) => new Diagram(walkScene(machineOf(drawn), linear)),
}

/** How each is called. */
const CALLS: Readonly<Record<keyof Diagrams, string>> = {
  rings: "{ instructions, iopl, monitor }",
  selector: "0x1b, machine, { cpl }",
  descriptor: "machine, 0x1b",
  gate: "machine, 0x80, { by }",
  timer: "machine",
  layers: '"trap-and-emulate"',
  walk: "machine, address",
}

/** Diagrams of the main ideas, drawn from a machine's own state: `diagram.selector(0x1b, machine)`. */
export const diagram: Diagrams = withCard(DIAGRAMS, () => ({
  title: "Diagrams: end a cell with one of them",
  rows: Object.entries(CALLS).map(([name, parts]) => [`diagram.${name}(${parts})`]),
}))
