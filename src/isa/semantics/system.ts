/**
 * System instructions: tables, control registers, interrupt flag, descriptor queries.
 * @see SDM Vol. 3A §2.8 "System Instruction Summary"
 */
import { unsigned } from "../../numbers/int"
import { IF, RF, VM, ZF } from "../eflags"
import { type Operand, operand } from "../operand"
import { type Processor, perform, type TableRegister, transfer } from "../processor"
import { EAX, EBX, ECX, EDX, LDTR, TR } from "../registers"

export const pushf = perform((p, i) => {
  p.requireVirtualIopl("PUSHF")
  p.push(p.flags.value & ~(RF | VM), i.operandSize)
})
/** POPF never faults for its flags: bits that CPL and IOPL forbid keep their value, silently. */
export const popf = transfer((p, i) => {
  p.requireVirtualIopl("POPF")
  const value = p.peek(i.operandSize)
  p.addToStackPointer(i.operandSize / 8)
  p.setFlags(value, i.operandSize)
})

export const cli = transfer((p) => {
  p.requireIopl("CLI")
  p.charge("cli")
  p.setInterruptFlag(false)
})
/** STI: interrupts come only after the next instruction, so that `sti; hlt` loses no wake-up. */
export const sti = transfer((p) => {
  p.requireIopl("STI")
  p.charge("cli")
  if (!(p.flags.value & IF)) p.setInterruptFlag(true)
})
export const hlt = transfer((p) => {
  p.requireRing0("HLT")
  p.halt()
})
export const clts = transfer((p) => {
  p.requireRing0("CLTS")
  p.writeControl(0, p.readControl(0) & ~TASK_SWITCHED)
})

const MONITOR_COPROCESSOR = 1 << 1
const EMULATION = 1 << 2
const TASK_SWITCHED = 1 << 3
const COPROCESSOR_SEE = 'SDM Vol. 3A §2.5 "Control Registers", Table 2-2'

/**
 * ESC: an x87 instruction. With CR0.EM or CR0.TS it raises #NM, so that a kernel can emulate an FPU or switch its state.
 * With neither it is handed to a coprocessor that is not there, and nothing happens: no register, no memory. So software
 * finds out, with FNINIT and FNSTSW, that there is none: the word it looks at stays as it was.
 * @see SDM Vol. 3A §9.2.2 "Setting the Processor for x87 FPU Software Emulation", and for such a probe Vol. 3B §22.20
 * "Intel486 SX Processor and Intel 487 SX Math Coprocessor Initialization"
 */
export const esc = transfer((p) => {
  if (p.readControl(0) & (EMULATION | TASK_SWITCHED))
    p.raise("#NM", null, "this is an x87 instruction, and CR0.EM or CR0.TS is set", COPROCESSOR_SEE)
  p.notSimulated("the x87 FPU: its instructions do nothing here")
})
/** WAIT faults only when both MP and TS are set; there is no FPU that could have an exception pending. */
export const wait = perform((p) => {
  const both = MONITOR_COPROCESSOR | TASK_SWITCHED
  if ((p.readControl(0) & both) === both)
    p.raise("#NM", null, "this is WAIT, and CR0.MP and CR0.TS are both set", COPROCESSOR_SEE)
})

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

export const sgdt = perform((p, i) => {
  p.requireUmip("SGDT")
  storeTable(p, i.operands[0], p.gdtr)
})
export const sidt = perform((p, i) => {
  p.requireUmip("SIDT")
  storeTable(p, i.operands[0], p.idtr)
})
export const lgdt = transfer((p, i) => {
  p.requireRing0("LGDT")
  p.charge("descriptorTable")
  loadTable(p, i.operands[0], p.gdtr, i.operandSize)
})
export const lidt = transfer((p, i) => {
  p.requireRing0("LIDT")
  p.charge("descriptorTable")
  loadTable(p, i.operands[0], p.idtr, i.operandSize)
})

/** SLDT, STR and SMSW write 16 bits to memory, the register's full width to a register. */
function storeWord(p: Processor, destination: Operand, value: number): void {
  const word = destination.kind === "memory" ? operand({ ...destination, size: 16 }) : destination
  p.set(word, word.size === 16 ? value & 0xffff : value)
}

export const sldt = perform((p, i) => {
  p.requireProtectedMode("SLDT")
  p.requireUmip("SLDT")
  storeWord(p, i.operands[0], p.selector(LDTR))
})
export const str = perform((p, i) => {
  p.requireProtectedMode("STR")
  p.requireUmip("STR")
  storeWord(p, i.operands[0], p.selector(TR))
})
export const lldt = transfer((p, i) => {
  p.requireProtectedMode("LLDT")
  p.requireRing0("LLDT")
  p.charge("descriptorTable")
  p.loadLdtr(p.get(i.operands[0]) & 0xffff)
})
export const ltr = transfer((p, i) => {
  p.requireProtectedMode("LTR")
  p.requireRing0("LTR")
  p.charge("descriptorTable")
  p.loadTr(p.get(i.operands[0]) & 0xffff)
})
export const smsw = perform((p, i) => {
  p.requireUmip("SMSW")
  storeWord(p, i.operands[0], p.readControl(0))
})
/** LMSW sets PE MP EM TS; it cannot clear PE. */
export const lmsw = transfer((p, i) => {
  p.requireRing0("LMSW")
  const old = p.readControl(0)
  const low = p.get(i.operands[0]) & 0xf
  p.writeControl(0, (old & ~0xe) | low)
})

/** LAR and LSL answer in ZF whether the descriptor may be seen. */
const describing = (name: string, what: "rights" | "limit") =>
  perform((p, i) => {
    p.requireProtectedMode(name)
    const [destination, source] = i.operands
    const answer = p.describe(p.get(source) & 0xffff, what)
    p.flags.put(ZF, answer === null ? 0 : ZF)
    if (answer !== null) p.set(destination, answer)
  })
export const lar = describing("LAR", "rights")
export const lsl = describing("LSL", "limit")

const verifying = (name: string, what: "read" | "write") =>
  perform((p, i) => {
    p.requireProtectedMode(name)
    p.flags.put(ZF, p.verify(p.get(i.operands[0]) & 0xffff, what) ? ZF : 0)
  })
export const verr = verifying("VERR", "read")
export const verw = verifying("VERW", "write")

/** ARPL: raise the destination's RPL to the source's, so that a callee cannot be fooled by a caller's selector. */
export const arpl = perform((p, i) => {
  p.requireProtectedMode("ARPL")
  const [destination, source] = i.operands
  const a = p.get(destination)
  const rpl = p.get(source) & 3
  const raise = (a & 3) < rpl
  if (raise) p.set(destination, (a & ~3) | rpl)
  p.flags.put(ZF, raise ? ZF : 0)
})

export const movFromControl = perform((p, i) => {
  p.requireRing0("MOV from CR")
  p.set(i.operands[0], p.readControl(i.operands[1].register))
})
export const movToControl = transfer((p, i) => {
  p.requireRing0("MOV to CR")
  p.charge("controlRegister")
  p.writeControl(i.operands[0].register, p.get(i.operands[1]))
})
export const movFromDebug = transfer((p, i) => {
  p.set(i.operands[0], p.readDebug(p.debugRegister(i.operands[1].register, "MOV from DR")))
})
export const movToDebug = transfer((p, i) => {
  p.writeDebug(p.debugRegister(i.operands[0].register, "MOV to DR"), p.get(i.operands[1]))
})

export const invlpg = transfer((p, i) => {
  p.requireRing0("INVLPG")
  p.charge("invlpg")
  const { segment } = i.operands[0]
  p.invalidatePage(p.linearOf(segment, p.offset(i.operands[0])))
})
/** WBINVD and INVD: the simulated machine has no cache that could differ from memory. */
export const invalidateCaches = (name: string) => transfer((p) => p.requireRing0(name))

export const cpuid = transfer((p) => {
  p.charge("cpuid")
  const [a, b, c, d] = p.identify(p.reg[EAX], p.reg[ECX])
  p.reg[EAX] = a
  p.reg[EBX] = b
  p.reg[ECX] = c
  p.reg[EDX] = d
})

const TIME_STAMP_DISABLE = 1 << 2
export const rdtsc = transfer((p) => {
  if (p.readControl(4) & TIME_STAMP_DISABLE) p.requireRing0("RDTSC with CR4.TSD set")
  const [low, high] = p.timeStamp()
  p.reg[EAX] = low
  p.reg[EDX] = high
})

const COUNTER_ENABLE = 1 << 8
const COUNTERS = 2
/** RDPMC: nothing switches the two performance counters of a P6 on here, so they stand at 0. */
export const rdpmc = transfer((p) => {
  if (!(p.readControl(4) & COUNTER_ENABLE)) p.requireRing0("RDPMC with CR4.PCE clear")
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

export const rdmsr = transfer((p) => {
  p.requireRing0("RDMSR")
  const [low, high] = p.readModelSpecific(unsigned(p.reg[ECX], 32))
  p.reg[EAX] = low
  p.reg[EDX] = high
})
export const wrmsr = transfer((p) => {
  p.requireRing0("WRMSR")
  p.writeModelSpecific(unsigned(p.reg[ECX], 32), p.reg[EAX], p.reg[EDX])
})

export const sysenter = transfer((p) => p.enterSystem())
export const sysexit = transfer((p) => p.exitSystem())
