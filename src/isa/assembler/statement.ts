/** What a line of source says: a label, and an instruction or a directive. */
import type { Expression } from "./expression"
import type { PrefixMeaning } from "./names"
import type { Source } from "./operand"

/** A name that a line defines or mentions. */
export interface Label {
  /** Full name: `main.loop` for `.loop` below `main`. */
  readonly name: string
  readonly column: number
}

/** A prefix word of an instruction. */
export interface Prefix {
  readonly word: string
  readonly column: number
  readonly meaning: PrefixMeaning
}

/** One item of `db` and its kin: a string, or an expression. */
export type DataItem =
  | { readonly kind: "string"; readonly bytes: readonly number[] }
  | { readonly kind: "expression"; readonly value: Expression }

interface Place {
  readonly column: number
}

/** An instruction; without a name it is prefixes alone. */
export interface InstructionBody extends Place {
  readonly kind: "instruction"
  readonly name: string
  readonly prefixes: readonly Prefix[]
  readonly operands: readonly Source[]
}

/** Sizes are in bytes. */
export type DataBody = Place & {
  readonly kind: "data"
  readonly size: number
  readonly items: readonly DataItem[]
}
/** `resb 16`: bytes of which only the number counts. */
type ReserveBody = Place & {
  readonly kind: "reserve"
  readonly size: number
  readonly count: Expression
}
/** `fill`: what is repeated until the address is a multiple of `to`; its first byte counts. */
export type AlignBody = Place & { readonly kind: "align"; readonly to: Expression; readonly fill: Body }
/** A directive with one number. */
export type NumberBody = Place & { readonly kind: "equ" | "org" | "bits"; readonly value: Expression }
/** `section .data align=16` */
export type SectionBody = Place & {
  readonly kind: "section"
  readonly name: string
  readonly align: Expression | undefined
}
/** `global main`: nothing is linked here, but the names must exist. */
export type GlobalBody = Place & { readonly kind: "global"; readonly names: readonly Label[] }

/** What a line asks for, its label aside. */
export type Body =
  | InstructionBody
  | DataBody
  | ReserveBody
  | AlignBody
  | NumberBody
  | SectionBody
  | GlobalBody

/** A line of source, read. */
export interface Statement {
  /** Counts from 1. */
  readonly line: number
  readonly text: string
  readonly label: Label | undefined
  readonly times: Expression | undefined
  readonly body: Body | undefined
}
