import { DATA, littleEndian, REGISTERS } from "./state.mjs"

const [EBX, ESP, EBP, ESI, EDI] = [3, 4, 5, 6, 7]

/** The eight base and index combinations of 16-bit addressing, by the r/m field. */
const BASES16 = [[EBX, ESI], [EBX, EDI], [EBP, ESI], [EBP, EDI], [ESI], [EDI], [EBP], [EBX]]

/**
 * A memory operand in a random shape of ModR/M, SIB and displacement.
 * Sets the registers it needs in `state`, never one that is set already or that stands in `avoid`.
 * @returns the prefix bytes, the bytes from ModR/M on (reg field 0), and the linear address
 */
export function memoryOperand(state, avoid, addressSize, near) {
  const address = DATA + (near ?? 0x100 + state.random.below(0xd00))
  const free = (index) => !avoid.has(REGISTERS[index]) && !state.registers.has(REGISTERS[index])
  return addressSize === 16 ? memory16(state, address, free) : memory32(state, address, free)
}

function memory32(state, address, free) {
  const { random } = state
  const segment = random.once(10) ? random.pick(SEGMENTS) : undefined
  const target = segment ? overrideTarget(state, segment, address) : address
  const base = random.pick([0, 1, 2, 3, 4, 5, 6, 7, 8].filter((index) => index === 8 || free(index)))
  const index = random.pick(
    [0, 1, 2, 3, 5, 6, 7, 8, 8, 8].filter((other) => other === 8 || (other !== base && free(other))),
  )
  const scale = random.below(4)
  const scaled = index === 8 ? 0 : setIndex(state, index, scale)
  return {
    prefix: segment ? [segment.prefix] : [],
    address,
    bytes: encode32(state, base, index, scale, (target - scaled) | 0),
  }
}

/** CS, SS, DS, ES are flat; FS and GS get the scratch segment, whose base is DATA. */
const SEGMENTS = [
  { prefix: 0x26 },
  { prefix: 0x36 },
  { prefix: 0x3e },
  { prefix: 0x2e },
  { prefix: 0x64, name: "fs" },
  { prefix: 0x65, name: "gs" },
]

function overrideTarget(state, segment, address) {
  if (!segment.name) return address
  state.set(segment.name, 7)
  return address - DATA
}

function setIndex(state, index, scale) {
  const number = state.random.once(3) ? state.random.next() : state.random.below(64)
  state.set(REGISTERS[index], number)
  return Math.imul(number, 1 << scale)
}

function encode32(state, base, index, scale, rest) {
  const sib = index !== 8 || base === ESP || (base === 8 && state.random.once(4))
  if (base === 8)
    return sib
      ? [0x04, sibByte(scale, index, EBP), ...littleEndian(rest, 32)]
      : [0x05, ...littleEndian(rest, 32)]
  const displacement = state.random.pick([0, state.random.below(256) - 128, state.random.next() | 0])
  state.set(REGISTERS[base], rest - displacement)
  const mod = displacementMode(displacement, base === EBP)
  const tail = littleEndian(displacement, [0, 8, 32][mod])
  return sib ? [(mod << 6) | 4, sibByte(scale, index, base), ...tail] : [(mod << 6) | base, ...tail]
}

function displacementMode(displacement, needed) {
  if (displacement === 0 && !needed) return 0
  return displacement >= -128 && displacement < 128 ? 1 : 2
}

function sibByte(scale, index, base) {
  return (scale << 6) | ((index === 8 ? 4 : index) << 3) | base
}

/** 16-bit addressing reaches the scratch page through a segment with base DATA; BP would use SS, so it is overridden. */
function memory16(state, address, free) {
  const shapes = BASES16.map((parts, rm) => ({ parts, rm })).filter(({ parts }) => parts.every(free))
  const { parts, rm } = state.random.pick([...shapes, { parts: [], rm: 6 }])
  state.set("ds", 7)
  const prefix = parts[0] === EBP ? [0x3e, 0x67] : [0x67]
  const offset = address - DATA
  if (parts.length === 0) return { prefix, address, bytes: [0x06, ...littleEndian(offset, 16)] }
  const displacement = state.random.pick([0, state.random.below(256) - 128, state.random.next() & 0xffff])
  spread16(state, parts, offset - displacement)
  const mod = displacementMode(displacement, rm === 6)
  return { prefix, address, bytes: [(mod << 6) | rm, ...littleEndian(displacement, [0, 8, 16][mod])] }
}

function spread16(state, parts, sum) {
  const first = parts.length === 2 ? state.random.next() & 0xffff : sum
  state.setOperand(parts[0], 16, first)
  if (parts.length === 2) state.setOperand(parts[1], 16, sum - first)
}
