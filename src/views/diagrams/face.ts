/** `diagram`: a picture for each main idea, as a cell's last line has it. */

import type { Machine } from "../../machine/machine"
import { withCard } from "../../numbers/card"
import { Diagram } from "./diagram"
import { type SelectorOptions, selectorScene } from "./selector"

/** What there is a diagram of. Each is drawn as things are when it is called, and changes nothing. */
export interface Diagrams {
  /**
   * A selector's index, TI and RPL; with a machine also the descriptor that it names, and whether DS may be loaded with it.
   * @throws RangeError if it is no number of 16 bits
   * @example diagram.selector(0x1b, machine)
   */
  selector(selector: number, machine?: Machine, options?: SelectorOptions): Diagram
}

const DIAGRAMS: Diagrams = {
  selector: (...asked) => new Diagram(selectorScene(...asked)),
}

/** Diagrams of the main ideas, drawn from a machine's own state: `diagram.selector(0x1b, machine)`. */
export const diagram: Diagrams = withCard(DIAGRAMS, (all) => ({
  title: "Diagrams, each a value to end a cell with",
  rows: Object.keys(all).map((name) => [`diagram.${name}(…)`]),
}))
