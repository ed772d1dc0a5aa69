/* String instructions: both directions, every size, every kind of REP and count, partial progress before a fault. */

const [SOURCE, TARGET] = [0x20000400, 0x20000600]
const LETTERS = [0x41, 0x41, 0x41, 0x42]

/** Strings of few letters, so that comparisons sometimes go on. Pointers lie in the middle, to run both ways. */
function strings(state, { random, row }) {
  const text = () => Array.from({ length: 32 }, () => random.pick(LETTERS))
  state.storeBytes(SOURCE - 16, text())
  state.storeBytes(TARGET - 16, text())
  if (random.below(3) === 0) state.flags.add("df")
  const small = row.name.includes("A16")
  state.set("esi", small ? ((random.next() & 0xffff0000) | 0x400) >>> 0 : SOURCE)
  state.set("edi", small ? ((random.next() & 0xffff0000) | 0x600) >>> 0 : TARGET)
  if (small) for (const name of ["ds", "es"]) state.set(name, 7)
  state.set(
    "ecx",
    small ? ((random.next() & 0xffff0000) | random.below(5)) >>> 0 : random.pick([0, 1, 2, 3, 4]),
  )
  state.setOperand(0, 32, random.pick([0x41414141, 0x42414141, 0x41414142, random.next()]))
}

/** A count that leads out of the page: what was done before the fault stays done. */
function intoTheFault(state, context) {
  strings(state, context)
  const { random } = context
  const offset = state.flags.has("df") ? 2 + random.below(4) : 0xffb + random.below(4)
  const which = random.pick(["esi", "edi"])
  state.set(which, 0x20000000 + offset)
  state.set("ecx", 16)
}

const OPERATIONS = [
  ["MOVS", 0xa4],
  ["CMPS", 0xa6],
  ["STOS", 0xaa],
  ["LODS", 0xac],
  ["SCAS", 0xae],
]
const byte = (number) => number.toString(16).padStart(2, "0")
const each = (make) =>
  OPERATIONS.flatMap(([name, opcode]) => [
    make(`${name}B`, byte(opcode), false),
    make(`${name}W/D`, byte(opcode + 1), true),
  ])

const REPEATS = [[0xf3], [0xf2]]
const rows = [
  ...each((name, opcode, sizes) => ({ name, opcode, sizes, fixed: strings })),
  ...each((name, opcode, sizes) => ({
    name: `REP ${name}`,
    opcode,
    sizes,
    fixed: strings,
    prefixes: REPEATS,
    count: 20,
  })),
  ...each((name, opcode, sizes) => ({
    name: `A16 ${name}`,
    opcode,
    sizes,
    fixed: strings,
    prefixes: [[0x67]],
    count: 6,
  })),
  ...each((name, opcode, sizes) => ({
    name: `REP A16 ${name}`,
    opcode,
    sizes,
    fixed: strings,
    prefixes: [
      [0x67, 0xf3],
      [0xf2, 0x67],
    ],
    count: 12,
  })),
  ...each((name, opcode, sizes) => ({
    name: `REP ${name} into a fault`,
    opcode,
    sizes,
    fixed: intoTheFault,
    prefixes: REPEATS,
    count: 8,
  })),
]

const overrides = [
  { name: "MOVSB CS:", opcode: "A4", fixed: strings, prefixes: [[0x2e], [0x36]], count: 4 },
  { name: "LODSD FS:", opcode: "AD", fixed: fromFs, prefixes: [[0x64]], count: 4 },
  { name: "REP CMPSB FS:", opcode: "A6", fixed: fromFs, prefixes: [[0x64, 0xf3]], count: 8 },
]

function fromFs(state, context) {
  strings(state, context)
  state.set("fs", 7)
  state.set("esi", SOURCE - 0x20000000)
}

export const stringOperations = {
  name: "string",
  says: "MOVS, CMPS, STOS, LODS, SCAS with and without REP",
  rows: [...rows, ...overrides],
}
