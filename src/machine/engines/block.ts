/** Decoded code, and code that was generated from it. */
import type { Invalid } from "../../isa/decode"
import type { Instruction } from "../../isa/operand"
import type { Run } from "./compile"

/** A run of instructions that can be executed one after the other. */
export interface Block {
  /** Address of its first byte. */
  readonly physical: number
  readonly codeSize: 16 | 32
  readonly decoded: readonly (Instruction | Invalid)[]
  readonly runs: readonly Run[]
  /** Length of each instruction in bytes. */
  readonly lengths: readonly number[]
  /** Of all instructions; what is none, at the end, does not count. */
  readonly bytes: number
  /** The bytes it was decoded from: also those of what is no instruction. */
  readonly image: Uint8Array
  /** Numbers of the instructions whose immediate is read where it stands. */
  readonly live: ReadonlySet<number>
  /** 1 for each byte of `image` that need not be as it was. */
  readonly free: Uint8Array
  /** The page's version when memory last held `image`. */
  checked: number
  /** What was decoded here before. */
  older: Block | undefined
  /** How often it was interpreted. */
  heat: number
  /** Generated code that it is part of. */
  units: readonly Unit[]
}

/** Generated code of some blocks. */
export interface Unit {
  readonly members: readonly Block[]
  /** 1 + the number of the member that begins at each offset of the page. */
  readonly entries: Uint8Array
  /** The page's version when memory last held all members. */
  checked: number
  /** Bits of `Segments.summary` that it depends on, and what they must be. */
  readonly assumes: number
  readonly state: number
  /** Runs from a member on; see `generate`. */
  readonly run: (member: number, base: number) => unknown
}
