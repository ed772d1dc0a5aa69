/** Small programs for the exercises on traps: put into a ring, run to a label, looked at. */
import { enterRing, type KitGate, kit } from "../guests/kit"
import { assemble } from "../isa/assemble"
import { ESP } from "../isa/registers"
import type { Machine } from "../machine/machine"
import { pc } from "../pc"

/** A program with what stands around it. Its first instruction is at the label `program`. */
export interface Scene {
  readonly gates: readonly KitGate[]
  readonly ring: number
  /** EFLAGS when it begins; 2 if not said: interrupts off. */
  readonly flags?: number
  /** The part that the student reads. */
  readonly listing: string
  /** What else it needs: handlers that only stop, data. */
  readonly rest?: string
}

/** The machine with the scene loaded, before its first step. */
export function stage({ gates, ring, flags = 2, listing, rest = "" }: Scene): Machine {
  const enter = ring === 0 ? `  push ${flags}\n  popfd\n  jmp program` : enterRing(ring, "program", flags)
  return pc({ memory: 2 }).load(assemble(`${kit({ gates })}\nmain:\n${enter}\n${listing}\n${rest}\n`))
}

/** More than any scene needs. */
const MOST_STEPS = 400

/** Address of a label of the machine's program. */
export function addressOf({ program }: Machine, label: string): number {
  const address = program?.labels[label]
  if (address === undefined) throw new Error(`the scene has no label ${label}`)
  return address
}

/** Run until EIP is at one of the labels, and say at which. */
export function runTo(machine: Machine, ...labels: string[]): string {
  const places = new Map(labels.map((label) => [addressOf(machine, label), label]))
  for (let n = 0; n < MOST_STEPS; n++) {
    const reached = places.get(machine.cpu.eip >>> 0)
    if (reached !== undefined) return reached
    machine.step()
  }
  throw new Error(`the scene never reached ${labels.join(" or ")}`)
}

/** The stack's n-th doubleword from the top. Paging must be off. */
export const stackWord = ({ cpu, memory }: Machine, n: number) => memory.get(cpu.reg[ESP] + 4 * n, 32) >>> 0
