/** Why a guest stopped, and what whoever runs it owes it before it goes on. Exits are values: a monitor's loop is a switch over them. */
import { mnemonicOf } from "../isa/mnemonic"
import type { Row } from "../isa/notation"
import type { Instruction } from "../isa/operand"
import type { Access } from "../machine/board/physical-space"
import { hex, type Size } from "../numbers/int"

interface Stopped {
  /** Linear address, in the guest, of the instruction at hand. */
  readonly at: number
}

/** Why a guest stopped. What is owed stands with each. */
export type Exit = Stopped &
  (
    | {
        /** An exception that the guest's own code raised. Owed: `reflect`. */
        readonly why: "exception"
        /** 0-31. */
        readonly vector: number
        /** Undefined: this exception has none. */
        readonly errorCode?: number
        /** A page fault's linear address, which CR2 shall have. */
        readonly address?: number
      }
    | {
        /** INT n, INT3 or INTO came through a gate that was opened for it. Owed: `reflect`. */
        readonly why: "system call"
        /** 0-255. */
        readonly vector: number
      }
    | {
        /** An instruction that the guest may not execute by itself. Owed: `emulate`. */
        readonly why: "instruction"
        /** It, decoded. */
        readonly instruction: Instruction
      }
    | {
        /** OUT to a port of the virtual machine's. Owed: the value to its device; the instruction is done. */
        readonly why: "io-out"
        /** 0-FFFFh. */
        readonly port: number
        /** Bits: 8, 16 or 32. */
        readonly size: Size
        /** Unsigned. */
        readonly value: number
      }
    | {
        /** IN from a port of the virtual machine's. Owed: `answer`. */
        readonly why: "io-in"
        /** 0-FFFFh. */
        readonly port: number
        /** Bits: 8, 16 or 32. */
        readonly size: Size
      }
    | {
        /** An access to an address that is a device's, or nobody's. Owed: `emulate`. */
        readonly why: "mmio"
        /** In the guest's physical memory. */
        readonly address: number
        /** READ or WRITE. */
        readonly access: Access
      }
    | {
        /** Translated code came to where its translation ends. Owed: nothing; the guest goes on in the next unit. */
        readonly why: "translation"
      }
    | {
        /** HLT was executed: nothing to do until an interrupt comes. Owed: the processor to somebody else. */
        readonly why: "hlt"
      }
    | {
        /** The machine's own interrupt: the guest had no part in it. Owed: that its device is served. */
        readonly why: "interrupt"
        /** The machine's, F0h-FFh. */
        readonly vector: number
      }
    | {
        /** A fault while a double fault was delivered: nothing goes on until a reset. */
        readonly why: "shutdown"
      }
    | {
        /** The steps that were wished are done, or the host asked to stop. */
        readonly why: "limit"
      }
  )

/** One kind of exit. */
export type ExitOf<Why extends Exit["why"]> = Extract<Exit, { readonly why: Why }>

/** An exit's reason in a word or two, by which exits are counted. */
export function nameOf(exit: Exit): string {
  switch (exit.why) {
    case "exception":
      return EXCEPTIONS[exit.vector]
    case "system call":
      return INTERRUPTS[exit.vector]
    case "instruction":
      return nameOfInstruction(exit.instruction)
    case "io-in":
      return "IN"
    case "io-out":
      return "OUT"
    default:
      return exit.why
  }
}

const EXCEPTIONS = Array.from({ length: 32 }, (_, vector) => `exception ${vector}`)
const INTERRUPTS = Array.from({ length: 256 }, (_, vector) => `INT ${hex(vector, 2)}`)

/** Names by row, since a guest executes the same few again and again. */
const NAMES = new Map<Row, string>()

function nameOfInstruction({ row, operandSize }: Instruction): string {
  const known = NAMES.get(row)
  if (known && operandSize === 32) return known
  const name = mnemonicOf(row, operandSize)
  if (operandSize === 32) NAMES.set(row, name)
  return name
}
