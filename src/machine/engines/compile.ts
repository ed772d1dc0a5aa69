/**
 * Decoded instructions to closures. Which semantics run, and how they compute, is the table's; here operands are bound
 * once, so that running an instruction is a call or two. Common shapes (32-bit registers, simple addresses) get
 * closures of their own; everything else goes through general readers and writers.
 */
import type { Invalid } from "../../isa/decode"
import { type Instruction, NONE, type Operand } from "../../isa/operand"
import type { Assign, Branch, Inspect, Modify, Perform } from "../../isa/processor"
import { mov } from "../../isa/semantics/data"
import type { Cpu } from "../cpu"
import type { Fault } from "../events/fault"

/** Runs one instruction. EIP already points behind it. A fault that it met before it did anything comes back; others are thrown. */
// biome-ignore lint/suspicious/noConfusingVoidType: most instructions return nothing
export type Run = (cpu: Cpu) => Fault | void
type Read = (cpu: Cpu) => number
type Write = (cpu: Cpu, value: number) => void

/**
 * Bind an instruction's operands to its semantics.
 * @param immediate reads the second operand where it stands, for a program that rewrites it
 */
export function compile(i: Instruction, immediate?: Read): Run {
  const { does } = i.row
  switch (does.kind) {
    case "modify":
      return i.operands[0].kind === "memory"
        ? modifyMemory(does, i, immediate)
        : modifyRegister(does, i, immediate)
    case "inspect":
      return inspect(does, i, immediate)
    case "assign":
      return does === mov && !immediate ? move(i) : assign(does, i, immediate)
    case "branch":
      return branch(does, i)
    case "perform":
      return performing(does, i)
  }
}

/** What the instruction needs is asked for in order. */
function performing({ f, needs }: Perform, i: Instruction): Run {
  return needs.reduceRight<Run>(
    (next, need) => (cpu) => (need(cpu, i) as Fault | undefined) ?? next(cpu),
    (cpu) => f(cpu, i),
  )
}

/** Offset of a memory operand. */
function address(o: Operand): Read {
  const { base, index, scale, value } = o
  if (o.addressSize === 16) return (cpu) => cpu.offset(o)
  if (index === NONE && base === NONE) return () => value
  if (index === NONE) return (cpu) => (cpu.reg[base] + value) | 0
  if (base === NONE) return (cpu) => ((cpu.reg[index] << scale) + value) | 0
  return (cpu) => (cpu.reg[base] + (cpu.reg[index] << scale) + value) | 0
}

/** A plain [base + displacement], the commonest address. */
const isBaseOnly = (o: Operand) => o.addressSize === 32 && o.base !== NONE && o.index === NONE

function loader(o: Operand): Read {
  const { segment, base, value } = o
  if (o.size === 32 && isBaseOnly(o)) return (cpu) => cpu.load32(segment, (cpu.reg[base] + value) | 0)
  const at = address(o)
  if (o.size === 32) return (cpu) => cpu.load32(segment, at(cpu))
  if (o.size === 16) return (cpu) => cpu.load16(segment, at(cpu))
  return (cpu) => cpu.load8(segment, at(cpu))
}

function storer(o: Operand): Write {
  const { segment, base, value: displacement } = o
  if (o.size === 32 && isBaseOnly(o))
    return (cpu, value) => cpu.store32(segment, (cpu.reg[base] + displacement) | 0, value)
  const at = address(o)
  if (o.size === 32) return (cpu, value) => cpu.store32(segment, at(cpu), value)
  if (o.size === 16) return (cpu, value) => cpu.store16(segment, at(cpu), value)
  return (cpu, value) => cpu.store8(segment, at(cpu), value)
}

const isRegister32 = (o: Operand): boolean => o.kind === "register" && o.size === 32

/** Reads any operand; a missing one reads 0, as the second operand of INC does. */
function reader(o: Operand | undefined): Read {
  if (!o) return () => 0
  const { register, size, value } = o
  if (o.kind === "memory") return loader(o)
  if (o.kind !== "register") return () => value
  return size === 32 ? (cpu) => cpu.reg[register] : (cpu) => cpu.getRegister(register, size)
}

function branch({ f }: Branch, i: Instruction): Run {
  const distance = i.operands[0].value
  const { operandSize } = i
  return (cpu) => {
    if (f(cpu)) cpu.jump(cpu.eip + distance, operandSize)
  }
}

function modifyRegister({ f }: Modify, i: Instruction, immediate?: Read): Run {
  const [destination, source] = i.operands
  const { register: d, size } = destination
  const read = immediate ?? reader(source)
  if (size !== 32) {
    return (cpu) => cpu.setRegister(d, size, f(cpu, cpu.getRegister(d, size), read(cpu), size))
  }
  if (source === undefined || (source.kind === "immediate" && !immediate)) {
    const value = source?.value ?? 0
    return (cpu) => {
      cpu.reg[d] = f(cpu, cpu.reg[d], value, 32)
    }
  }
  if (isRegister32(source)) {
    const s = source.register
    return (cpu) => {
      cpu.reg[d] = f(cpu, cpu.reg[d], cpu.reg[s], 32)
    }
  }
  return (cpu) => {
    cpu.reg[d] = f(cpu, cpu.reg[d], read(cpu), 32)
  }
}

/** Read-modify-write: that memory can be written is checked first, so that flags change only if it can. */
function modifyMemory({ f }: Modify, i: Instruction, immediate?: Read): Run {
  const [destination, source] = i.operands
  const { segment, size } = destination
  const at = address(destination)
  const read = immediate ?? reader(source)
  if (size === 32)
    return (cpu) => {
      const offset = at(cpu)
      cpu.probeWrite(segment, offset, 4)
      cpu.store32(segment, offset, f(cpu, cpu.load32(segment, offset), read(cpu), 32))
    }
  return (cpu) => {
    const offset = at(cpu)
    cpu.probeWrite(segment, offset, size / 8)
    cpu.store(segment, offset, size, f(cpu, cpu.load(segment, offset, size), read(cpu), size))
  }
}

function inspect({ f }: Inspect, i: Instruction, immediate?: Read): Run {
  const [first, second] = i.operands
  const { size } = first
  if (isRegister32(first) && isRegister32(second)) {
    const [a, b] = [first.register, second.register]
    return (cpu) => f(cpu, cpu.reg[a], cpu.reg[b], 32)
  }
  if (isRegister32(first) && second.kind === "immediate" && !immediate) {
    const a = first.register
    const { value } = second
    return (cpu) => f(cpu, cpu.reg[a], value, 32)
  }
  const readFirst = reader(first)
  const readSecond = immediate ?? reader(second)
  return (cpu) => f(cpu, readFirst(cpu), readSecond(cpu), size)
}

function writer(o: Operand): Write {
  if (o.kind === "memory") return storer(o)
  const { register, size } = o
  if (size === 32)
    return (cpu, value) => {
      cpu.reg[register] = value
    }
  return (cpu, value) => cpu.setRegister(register, size, value)
}

/** MOV and MOVZX: no semantics to call. */
function move(i: Instruction): Run {
  const [destination, source] = i.operands
  if (isRegister32(destination)) return moveToRegister(destination.register, source)
  const write = writer(destination)
  if (isRegister32(source)) {
    const s = source.register
    return (cpu) => write(cpu, cpu.reg[s])
  }
  const read = reader(source)
  return (cpu) => write(cpu, read(cpu))
}

function moveToRegister(d: number, source: Operand): Run {
  if (isRegister32(source)) {
    const s = source.register
    return (cpu) => {
      cpu.reg[d] = cpu.reg[s]
    }
  }
  if (source.kind === "immediate") {
    const { value } = source
    return (cpu) => {
      cpu.reg[d] = value
    }
  }
  const read = reader(source)
  return (cpu) => {
    cpu.reg[d] = read(cpu)
  }
}

function assign({ f }: Assign, i: Instruction, immediate?: Read): Run {
  const [destination, source] = i.operands
  const read = immediate ?? reader(source)
  const write = writer(destination)
  const { size } = destination
  return (cpu) => write(cpu, f(cpu, read(cpu), size, source.size))
}

const UNDEFINED_SEE = 'SDM Vol. 3A §6.15 "Interrupt 6—Invalid Opcode Exception (#UD)"'
const LENGTH_SEE = 'SDM Vol. 3A §6.15 "Interrupt 13—General Protection Exception (#GP)"'

/** What bytes that are no instruction do when they are executed. */
export function refusal(what: Invalid): Run {
  const bytes = what.bytes.map((byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ")
  return (cpu: Cpu) => {
    if (what.invalid === "too long")
      return cpu.refusal("#GP", 0, `an instruction has at most 15 bytes: ${bytes} …`, LENGTH_SEE)
    if (what.invalid === "lock")
      return cpu.refusal("#UD", null, `LOCK is not allowed with this instruction: ${bytes}`, UNDEFINED_SEE)
    return cpu.refusal("#UD", null, `the bytes ${bytes} are no instruction of this machine`, UNDEFINED_SEE)
  }
}
