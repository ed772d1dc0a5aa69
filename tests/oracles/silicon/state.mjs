import { value } from "../random.mjs"

/** Where the scratch page lies, and where a case's instruction lies (FORMAT.md). */
export const DATA = 0x20000000
export const CODE = 0x30000800
export const REGISTERS = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"]

/** The state in which a case starts: what is not said has the initial value that FORMAT.md gives. */
export class State {
  registers = new Map()
  memory = []
  flags = new Set()

  constructor(random) {
    this.random = random
  }

  /** Set a whole register, general or segment, by name. */
  set(name, number) {
    this.registers.set(name, number >>> 0)
  }

  /** Set general register `index` as an operand of `size` bits; the bits outside it are kept, or random. */
  setOperand(index, size, number) {
    const high = size === 8 && index >= 4
    const name = REGISTERS[high ? index - 4 : index]
    const shift = high ? 8 : 0
    const mask = size === 32 ? 0xffffffff : ((1 << size) - 1) << shift
    const others = this.registers.get(name) ?? this.random.next()
    this.set(name, (others & ~mask) | ((number << shift) & mask))
  }

  /** Put `size` bits of `number` into memory at linear address `address`. */
  store(address, size, number) {
    const bytes = []
    for (let bit = 0; bit < size; bit += 8) bytes.push((number >>> bit) & 0xff)
    this.storeBytes(address, bytes)
  }

  /** Put bytes into memory at linear address `address`. Those beyond the page are left out. */
  storeBytes(address, bytes) {
    const room = Math.max(0, Math.min(bytes.length, DATA + 0x1000 - address))
    if (room) this.memory.push([address, bytes.slice(0, room)])
  }

  /** Arithmetic flags at random, in half of the cases. */
  randomFlags() {
    if (this.random.below(2)) return
    for (const flag of ["cf", "pf", "af", "zf", "sf", "of"]) if (this.random.below(2)) this.flags.add(flag)
  }

  toString() {
    const registers = [...this.registers].map(([name, number]) => `${name}=${number.toString(16)}`)
    return [...registers, ...this.flags, ...runs(this.memory)].join(" ")
  }
}

/** Memory settings as text: what was set later covers what was set before; neighbours are joined. */
function runs(memory) {
  const bytes = new Map(
    memory.flatMap(([address, list]) => list.map((byte, index) => [address + index, byte])),
  )
  const texts = []
  for (const address of [...bytes.keys()].sort((a, b) => a - b)) {
    const text = hex([bytes.get(address)], "").toLowerCase()
    if (bytes.has(address - 1)) texts.push(texts.pop() + text)
    else texts.push(`[${address.toString(16)}]=${text}`)
  }
  return texts
}

/** Bytes as two hexadecimal digits each. */
export function hex(bytes, between) {
  return bytes.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join(between)
}

/** The bytes of a little-endian number of 8, 16 or 32 bits. */
export function littleEndian(number, size) {
  const bytes = []
  for (let bit = 0; bit < size; bit += 8) bytes.push((number >>> bit) & 0xff)
  return bytes
}

/** An operand value: at the edges, or random. */
export function operandValue(state, size) {
  return value(state.random, size)
}
