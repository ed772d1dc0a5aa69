/**
 * A selector: its fields, and with a machine the descriptor that it names and whether it may be loaded.
 *
 *     index │ TI │ RPL          strip
 *       └────────► descriptor   what the entry of the table holds
 *                  verdict      the check that loading DS makes
 */
import type { Machine } from "../../machine/machine"
import { type Descriptor, dpl, isPresent } from "../../machine/processor/descriptors"
import { hex } from "../../numbers/int"
import { descriptorKind } from "../tables"
import { between, block, bottom, EDGE, INNER, type Piece, page, strip, TOP } from "./kit"
import type { Scene } from "./scene"
import { findDescriptor, loadRefusal, selectorParts } from "./segments"
import { binary, needWhole, short } from "./words"

/** With what a selector is shown. */
export interface SelectorOptions {
  /** The ring that wants to load it: 0 to 3. The machine's own if not said. */
  readonly cpl?: number
}

/** Draw a selector. */
export function selectorScene(selector: number, machine?: Machine, { cpl }: SelectorOptions = {}): Scene {
  needWhole(selector, 0xffff, "a selector")
  if (cpl !== undefined) needWhole(cpl, 3, "a CPL")
  const title = `Selector ${hex(selector, 4)}`
  const fields = fieldStrip(selector)
  const named = meaning(selector)
  const words = block([EDGE, bottom(fields) + 24, INNER], "What it names", [named])
  const says = [named]
  if (!machine) return page(title, says, [fields, between(fields, words), words])
  const [more, parts] = inMachine(selector, machine, cpl ?? machine.cpu.cpl, words)
  return page(title, [...says, ...more], [fields, between(fields, words), words, ...parts])
}

function fieldStrip(selector: number): Piece {
  const { index, table, rpl } = selectorParts(selector)
  return strip(EDGE, TOP, INNER, [
    { bits: "15–3", name: "index", value: `${binary(index, 13)} = ${index}` },
    { bits: "2", name: "TI: which table", value: `${selector & 4 ? 1 : 0} = ${table}` },
    { bits: "1–0", name: "RPL: on whose behalf", value: `${binary(rpl, 2)} = ring ${rpl}` },
  ])
}

function meaning(selector: number): string {
  const { index, table, rpl } = selectorParts(selector)
  if ((selector & 0xfffc) === 0) return "Nothing: index 0 of the GDT is the null selector."
  return `Entry ${index} of the ${table}, ${index} × 8 = ${short(index * 8)} bytes from its start, asked for with the rights of ring ${rpl}.`
}

function inMachine(
  selector: number,
  machine: Machine,
  cpl: number,
  above: Piece,
): [says: string[], pieces: Piece[]] {
  const found = findDescriptor(machine, selector)
  const at = bottom(above) + 28
  const entry =
    "why" in found
      ? block([EDGE, at, 320], "No descriptor", [found.why], "wrong")
      : block([EDGE, at, 320], "Descriptor", descriptorWords(found.descriptor))
  const [says, look] = verdict(selector, machine, cpl)
  const check = block([EDGE + 356, at, INNER - 356], `MOV DS at CPL ${cpl}`, [says], look)
  return [
    ["why" in found ? found.why : `It is ${descriptorWords(found.descriptor).join(", ")}.`, says],
    [entry, between(above, entry), check, between(entry, check)],
  ]
}

/** A descriptor in a few lines. */
export function descriptorWords({ base, limit, access, at }: Descriptor): string[] {
  return [
    `${descriptorKind(access)}, DPL ${dpl(access)}${isPresent(access) ? "" : ", not present"}`,
    `base ${hex(base)}`,
    `limit ${hex(limit)}`,
    `at ${hex(at)}`,
  ]
}

function verdict(selector: number, machine: Machine, cpl: number): [says: string, look: "hot" | "wrong"] {
  const fault = loadRefusal(machine, selector, cpl)
  if (fault) return [`Refused with ${fault.name}(${hex(fault.errorCode ?? 0, 4)}): ${fault.says}.`, "wrong"]
  if ((selector & 0xfffc) === 0) return ["Allowed: DS is null then, and each use of it faults.", "hot"]
  return ["Allowed: it is data or readable code, present, and open to CPL and RPL.", "hot"]
}
