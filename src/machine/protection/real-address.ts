/**
 * Addresses and handlers as the 8086 had them: a segment is its number times 16, and handlers are found in a table of
 * far pointers. Real-address mode works so, and virtual-8086 mode has the same segments.
 * @see SDM Vol. 3A §20.1 "Real-Address Mode", §20.2 "Virtual-8086 Mode"
 */
import { AC, AF, CF, DF, ID, IF, IOPL, NT, OF, PF, RF, SF, TF, ZF } from "../../isa/eflags"
import { CS, ESP } from "../../isa/registers"
import { hex } from "../../numbers/int"
import { Fault } from "../events/fault"
import type { Delivery } from "../processor/checked-gates"
import type { Core } from "../processor/core"
import {
  BIG,
  GRANULAR,
  NOT_SYSTEM,
  PRESENT_BIT,
  TYPE_ACCESSED,
  TYPE_WRITE_READ,
  UNUSABLE,
} from "../processor/descriptors"
import { currentStack } from "../processor/stack"

const SEE = 'SDM Vol. 3A §20.1.4 "Interrupt and Exception Handling"'
const LIMIT_64K = 0xffff
/** Present, writable data: what every segment is here, code too. */
const RIGHTS = PRESENT_BIT | NOT_SYSTEM | TYPE_WRITE_READ | TYPE_ACCESSED
/** The rights that virtual-8086 mode gives its segments: those of ring 3. */
const VIRTUAL_RIGHTS = RIGHTS | (3 << 5)

/**
 * Load a segment register with a number: base is 16 times as much. In real-address mode the limit stays what it was, so
 * that limits from protected mode live on; in virtual-8086 mode it is 64 KiB.
 */
export function load8086(cpu: Core, register: number, selector: number): void {
  const { limit, access } = cpu.segments.cache(register)
  const base = (selector & 0xffff) << 4
  if (cpu.virtual8086)
    cpu.segments.set(register, selector, { base, limit: LIMIT_64K, access: VIRTUAL_RIGHTS })
  else if (access & UNUSABLE) cpu.segments.set(register, selector, { base, limit: LIMIT_64K, access: RIGHTS })
  else cpu.segments.set(register, selector, { base, limit, access: RIGHTS | (access & (BIG | GRANULAR)) })
}

/** JMP far: load CS and EIP. @faults #GP(0) if the offset is beyond the segment's limit */
export function farJump8086(cpu: Core, selector: number, offset: number): void {
  check8086(cpu, offset)
  load8086(cpu, CS, selector)
  cpu.eip = offset | 0
}

function check8086(cpu: Core, offset: number): void {
  const limit = cpu.virtual8086 ? LIMIT_64K : cpu.segments.limit[CS]
  if (offset >>> 0 > limit)
    throw new Fault(
      "#GP",
      0,
      `the target offset ${hex(offset)} is beyond the code segment's limit ${hex(limit)}`,
      'SDM Vol. 3A §5.3 "Limit Checking"',
    )
}

/** CALL far. */
export function farCall8086(cpu: Core, selector: number, offset: number, size: 16 | 32): void {
  const stack = currentStack(cpu)
  stack.needRoom(2, size)
  check8086(cpu, offset)
  stack.push(cpu.segments.selector[CS], size, "CS")
  stack.push(cpu.eip, size, "EIP")
  farJump8086(cpu, selector, offset)
  cpu.reg[ESP] = stack.pointer
}

/** RETF. */
export function farReturn8086(cpu: Core, size: 16 | 32, drop: number): void {
  const stack = currentStack(cpu)
  const offset = stack.pop(size, "EIP")
  const selector = stack.pop(size, "CS") & 0xffff
  stack.skip(drop)
  farJump8086(cpu, selector, offset)
  cpu.reg[ESP] = stack.pointer
}

/**
 * Go to a handler through the interrupt vector table of real-address mode; there are no error codes. An entry:
 *
 *      31    16 15     0
 *     ┌────────┬────────┐
 *     │ CS     │ IP     │
 *     └────────┴────────┘
 *
 * @faults #GP if the vector lies beyond the table's limit, #SS
 */
export function enterRealHandler(cpu: Core, { vector }: Delivery): void {
  if (vector * 4 + 3 > cpu.idtr.limit)
    throw new Fault(
      "#GP",
      0,
      `vector ${hex(vector, 2)} is beyond the limit of the interrupt vector table (${hex(cpu.idtr.limit, 4)})`,
      SEE,
    )
  const at = (cpu.idtr.base + vector * 4) | 0
  const offset = cpu.linear.readAs(false, at, 16)
  const selector = cpu.linear.readAs(false, (at + 2) | 0, 16)
  cpu.tellDetail({
    is: "check",
    says: `entry ${hex(vector, 2)} of the interrupt vector table names ${hex(selector, 4)}:${hex(offset, 4)}`,
  })
  const stack = currentStack(cpu)
  stack.push(cpu.flags.value, 16, "FLAGS")
  stack.push(cpu.segments.selector[CS], 16, "CS")
  stack.push(cpu.eip, 16, "IP")
  farJump8086(cpu, selector, offset)
  cpu.reg[ESP] = stack.pointer
  cpu.clearFlags(IF | TF | AC | RF)
}

const FLAGS_16 = CF | PF | AF | ZF | SF | TF | IF | DF | OF | IOPL | NT
const FLAGS_32 = FLAGS_16 | RF | AC | ID

/** IRET in real-address mode, and in virtual-8086 mode with IOPL 3, where IOPL stays. */
export function interruptReturn8086(cpu: Core, size: 16 | 32): void {
  const stack = currentStack(cpu)
  const offset = stack.pop(size, "EIP")
  const selector = stack.pop(size, "CS") & 0xffff
  const flags = stack.pop(size, "EFLAGS")
  farJump8086(cpu, selector, offset)
  cpu.reg[ESP] = stack.pointer
  const loaded = size === 16 ? FLAGS_16 : FLAGS_32
  cpu.replaceFlags(cpu.virtual8086 ? loaded & ~IOPL : loaded, flags)
}
