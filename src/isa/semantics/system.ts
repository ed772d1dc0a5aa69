/**
 * System instructions: tables, control registers, interrupt flag, descriptor queries.
 * @see SDM Vol. 3A §2.8 "System Instruction Summary"
 */
import { unsigned } from "../../numbers/int"
import { IF, RF, VM, ZF } from "../eflags"
import { type Operand, operand } from "../operand"
import {
  iopl,
  type Need,
  needing,
  type Processor,
  perform,
  protectedMode,
  ring0,
  type TableRegister,
  transfer,
  umip,
  virtualIopl,
} from "../processor"
import { EAX, EBX, ECX, EDX, LDTR, TR } from "../registers"

export const pushf = needing(virtualIopl("PUSHF")).perform((p, i) => {
  p.push(p.flags.value & ~(RF | VM), i.operandSize)
})
/** POPF never faults for its flags: bits that CPL and IOPL forbid keep their value, silently. */
export const popf = needing(virtualIopl("POPF")).transfer((p, i) => {
  const value = p.peek(i.operandSize)
  p.addToStackPointer(i.operandSize / 8)
  p.setFlags(value, i.operandSize)
})

export const cli = needing(iopl("CLI")).transfer((p) => {
  p.charge(p.prices.cli)
  p.setInterruptFlag(false)
})
/** STI: interrupts come only after the next instruction, so that `sti; hlt` loses no wake-up. */
export const sti = needing(iopl("STI")).transfer((p) => {
  p.charge(p.prices.cli)
  if (!(p.flags.value & IF)) p.setInterruptFlag(true)
})
export const hlt = needing(ring0("HLT")).transfer((p) => {
  p.halt()
})
export const clts = needing(ring0("CLTS")).transfer((p) => {
  p.writeControl(0, p.readControl(0) & ~TASK_SWITCHED)
})

const MONITOR_COPROCESSOR = 1 << 1
const EMULATION = 1 << 2
const TASK_SWITCHED = 1 << 3
const COPROCESSOR_SEE = 'SDM Vol. 3A §2.5 "Control Registers", Table 2-2'

/** CR0.EM and CR0.TS must be clear. */
const coprocessor: Need = (p) =>
  p.readControl(0) & (EMULATION | TASK_SWITCHED)
    ? p.refusal("#NM", null, "this is an x87 instruction, and CR0.EM or CR0.TS is set", COPROCESSOR_SEE)
    : undefined
/**
 * ESC: an x87 instruction. With CR0.EM or CR0.TS it raises #NM, so that a kernel can emulate an FPU or switch its state.
 * With neither it is handed to a coprocessor that is not there, and nothing happens: no register, no memory. So software
 * finds out, with FNINIT and FNSTSW, that there is none: the word it looks at stays as it was.
 * @see SDM Vol. 3A §9.2.2 "Setting the Processor for x87 FPU Software Emulation", and for such a probe Vol. 3B §22.20
 * "Intel486 SX Processor and Intel 487 SX Math Coprocessor Initialization"
 */
export const esc = needing(coprocessor).transfer((p) => {
  p.notSimulated("the x87 FPU: its instructions do nothing here")
})
/** WAIT faults only when both MP and TS are set; there is no FPU that could have an exception pending. */
export const wait = perform((p) => {
  const both = MONITOR_COPROCESSOR | TASK_SWITCHED
  if ((p.readControl(0) & both) === both)
    p.raise("#NM", null, "this is WAIT, and CR0.MP and CR0.TS are both set", COPROCESSOR_SEE)
})

/**
 * SGDT and SIDT: six bytes, with their offsets. Under operand size 16, LGDT and LIDT leave out the base's top
 * byte.
 *
 *      0      2             6
 *     ┌──────┬──────────────┐
 *     │ limit│ base, 4 bytes│
 *     └──────┴──────────────┘
 *
 * @see SDM Vol. 3A §2.4 "Memory-Management Registers"
 */
function storeTable(p: Processor, memory: Operand, table: TableRegister): void {
  const offset = p.offset(memory)
  p.probeWrite(memory.segment, offset, 6)
  p.store(memory.segment, offset, 16, table.limit)
  p.store(memory.segment, offset + 2, 32, table.base)
}

function loadTable(p: Processor, memory: Operand, table: TableRegister, size: 16 | 32): void {
  const offset = p.offset(memory)
  const limit = p.load(memory.segment, offset, 16) & 0xffff
  const base = p.load(memory.segment, offset + 2, 32)
  table.limit = limit
  table.base = size === 32 ? base : base & 0xffffff
}

export const sgdt = needing(umip("SGDT")).perform((p, i) => {
  storeTable(p, i.operands[0], p.gdtr)
})
export const sidt = needing(umip("SIDT")).perform((p, i) => {
  storeTable(p, i.operands[0], p.idtr)
})
export const lgdt = needing(ring0("LGDT")).transfer((p, i) => {
  p.charge(p.prices.descriptorTable)
  loadTable(p, i.operands[0], p.gdtr, i.operandSize)
})
export const lidt = needing(ring0("LIDT")).transfer((p, i) => {
  p.charge(p.prices.descriptorTable)
  loadTable(p, i.operands[0], p.idtr, i.operandSize)
})

/** SLDT, STR and SMSW write 16 bits to memory, the register's full width to a register. */
function storeWord(p: Processor, destination: Operand, value: number): void {
  const word = destination.kind === "memory" ? operand({ ...destination, size: 16 }) : destination
  p.set(word, word.size === 16 ? value & 0xffff : value)
}

export const sldt = needing(protectedMode("SLDT"), umip("SLDT")).perform((p, i) => {
  storeWord(p, i.operands[0], p.selector(LDTR))
})
export const str = needing(protectedMode("STR"), umip("STR")).perform((p, i) => {
  storeWord(p, i.operands[0], p.selector(TR))
})
export const lldt = needing(protectedMode("LLDT"), ring0("LLDT")).transfer((p, i) => {
  p.charge(p.prices.descriptorTable)
  p.loadLdtr(p.get(i.operands[0]) & 0xffff)
})
export const ltr = needing(protectedMode("LTR"), ring0("LTR")).transfer((p, i) => {
  p.charge(p.prices.descriptorTable)
  p.loadTr(p.get(i.operands[0]) & 0xffff)
})
export const smsw = needing(umip("SMSW")).perform((p, i) => {
  storeWord(p, i.operands[0], p.readControl(0))
})
/** LMSW sets PE MP EM TS; it cannot clear PE. */
export const lmsw = needing(ring0("LMSW")).transfer((p, i) => {
  const old = p.readControl(0)
  const low = p.get(i.operands[0]) & 0xf
  p.writeControl(0, (old & ~0xe) | low)
})

/** LAR and LSL answer in ZF whether the descriptor may be seen. */
const describing = (name: string, what: "rights" | "limit") =>
  needing(protectedMode(name)).perform((p, i) => {
    const [destination, source] = i.operands
    const answer = p.describe(p.get(source) & 0xffff, what)
    p.flags.put(ZF, answer === null ? 0 : ZF)
    if (answer !== null) p.set(destination, answer)
  })
export const lar = describing("LAR", "rights")
export const lsl = describing("LSL", "limit")

const verifying = (name: string, what: "read" | "write") =>
  needing(protectedMode(name)).perform((p, i) => {
    p.flags.put(ZF, p.verify(p.get(i.operands[0]) & 0xffff, what) ? ZF : 0)
  })
export const verr = verifying("VERR", "read")
export const verw = verifying("VERW", "write")

/** ARPL: raise the destination's RPL to the source's, so that a callee cannot be fooled by a caller's selector. */
export const arpl = needing(protectedMode("ARPL")).perform((p, i) => {
  const [destination, source] = i.operands
  const a = p.get(destination)
  const rpl = p.get(source) & 3
  const raise = (a & 3) < rpl
  if (raise) p.set(destination, (a & ~3) | rpl)
  p.flags.put(ZF, raise ? ZF : 0)
})

export const movFromControl = needing(ring0("MOV from CR")).perform((p, i) => {
  p.set(i.operands[0], p.readControl(i.operands[1].register))
})
export const movToControl = needing(ring0("MOV to CR")).transfer((p, i) => {
  p.charge(p.prices.controlRegister)
  p.writeControl(i.operands[0].register, p.get(i.operands[1]))
})
export const movFromDebug = transfer((p, i) => {
  p.set(i.operands[0], p.readDebug(p.debugRegister(i.operands[1].register, "MOV from DR")))
})
export const movToDebug = transfer((p, i) => {
  p.writeDebug(p.debugRegister(i.operands[0].register, "MOV to DR"), p.get(i.operands[1]))
})

export const invlpg = needing(ring0("INVLPG")).transfer((p, i) => {
  p.charge(p.prices.invlpg)
  const { segment } = i.operands[0]
  p.invalidatePage(p.linearOf(segment, p.offset(i.operands[0])))
})
/** WBINVD and INVD: the simulated machine has no cache that could differ from memory. */
export const invalidateCaches = (name: string) => needing(ring0(name)).transfer(() => {})

export const cpuid = transfer((p) => {
  p.charge(p.prices.cpuid)
  const [a, b, c, d] = p.identify(p.reg[EAX], p.reg[ECX])
  p.reg[EAX] = a
  p.reg[EBX] = b
  p.reg[ECX] = c
  p.reg[EDX] = d
})

const TIME_STAMP_DISABLE = 1 << 2
const mayReadTime: Need = (p) =>
  p.readControl(4) & TIME_STAMP_DISABLE ? p.requireRing0("RDTSC with CR4.TSD set") : undefined
export const rdtsc = needing(mayReadTime).transfer((p) => {
  const [low, high] = p.timeStamp()
  p.reg[EAX] = low
  p.reg[EDX] = high
})

const COUNTER_ENABLE = 1 << 8
const COUNTERS = 2
const mayCount: Need = (p) =>
  p.readControl(4) & COUNTER_ENABLE ? undefined : p.requireRing0("RDPMC with CR4.PCE clear")
/** RDPMC: nothing switches the two performance counters of a P6 on here, so they stand at 0. */
export const rdpmc = needing(mayCount).transfer((p) => {
  const counter = unsigned(p.reg[ECX], 32)
  if (counter >= COUNTERS)
    p.raise(
      "#GP",
      0,
      `there is no performance counter ${counter}`,
      'SDM Vol. 2B "RDPMC—Read Performance-Monitoring Counters"',
    )
  p.reg[EAX] = 0
  p.reg[EDX] = 0
})

export const rdmsr = needing(ring0("RDMSR")).transfer((p) => {
  const [low, high] = p.readModelSpecific(unsigned(p.reg[ECX], 32))
  p.reg[EAX] = low
  p.reg[EDX] = high
})
export const wrmsr = needing(ring0("WRMSR")).transfer((p) => {
  p.writeModelSpecific(unsigned(p.reg[ECX], 32), p.reg[EAX], p.reg[EDX])
})

export const sysenter = transfer((p) => p.enterSystem())
export const sysexit = transfer((p) => p.exitSystem())
