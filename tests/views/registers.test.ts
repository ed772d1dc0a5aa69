import { describe, expect, test } from "vitest"
import { asm, pc, record } from "../../src/index"
import { CHANGEABLE, VIF, VIP } from "../../src/isa/eflags"
import type { MachineState } from "../../src/machine/machine"
import { type Named, REGISTERS } from "../../src/machine/processor/registers"
import type { CpuState } from "../../src/machine/processor/state"
import { PARTS } from "../../src/theory/ia32/parts"
import { changesOf } from "../../src/views/changes"

/** What of a saved processor is no register, and why. */
const NO_REGISTERS: Readonly<Record<string, string>> = {
  "control.1": "there is no CR1",
  "debug.4": "another name of DR6",
  "debug.5": "another name of DR7",
  "pointers.0": "kept of the page tables, as the TLB is",
  "pointers.1": "kept of the page tables",
  "pointers.2": "kept of the page tables",
  "pointers.3": "kept of the page tables",
  "modelSpecific.timeStampOffset": "the counter itself goes on by itself",
  breakpointsMet: "not told yet, then in DR6",
  activity: "what it does",
  shadow: "what it does",
  repeatFlags: "what it does",
  suspended: "what it does",
  "nmi.0": "a pin",
  "nmi.1": "what it does",
  "tlb.misses": "counted for readers",
}

/** A state in which nothing is null or unusable, so that whatever is changed counts. */
function usable(): MachineState {
  const state = pc({ memory: 1 }).save()
  const [, , data] = state.cpu.segments[3]
  const segments = state.cpu.segments.map(([, , , access], n) =>
    n < 6 ? ([0x10, 0x1000, data, access] as const) : ([0x48, 0x2000, 0x67, 0x8b] as const),
  )
  return { ...state, cpu: { ...state.cpu, segments, tlb: { entries: [], misses: 0 } } }
}

/** Where the numbers, texts and so on of plain data are: "gdtr.base". */
function placesIn(data: unknown, place: readonly string[] = []): string[] {
  if (typeof data !== "object" || data === null) return [place.join(".")]
  return Object.entries(data).flatMap(([key, value]) => placesIn(value, [...place, key]))
}

/** A copy of a state with one bit of one number the other way. */
function flipped(state: CpuState, place: string, bit: number): CpuState {
  const copy = structuredClone(state)
  const keys = place.split(".")
  const last = keys.pop() as string
  const holder = keys.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], copy)
  ;(holder as Record<string, number>)[last] ^= 1 << bit
  return copy
}

/** All ways to change one bit of what may be a register. */
const flips = (state: CpuState) =>
  placesIn(state)
    .filter((place) => !(place in NO_REGISTERS))
    .flatMap((place) =>
      Array.from({ length: 32 }, (_, bit) => ({ place, bit, after: flipped(state, place, bit) })),
    )

/** The registers that a state holds otherwise than another. */
const differing = (before: CpuState, after: CpuState): Named[] =>
  REGISTERS.filter(({ of }) => of(before) !== of(after))

const isReserved = (bit: number) => !((1 << bit) & (CHANGEABLE | VIF | VIP))

describe("each number of a saved processor", () => {
  const before = usable()

  test("is a register of the list, or of the few that are none", () => {
    const unnamed = flips(before.cpu)
      .filter(({ place, bit }) => !(place === "flags" && isReserved(bit)))
      .filter(({ after }) => differing(before.cpu, after).length !== 1)
    expect(unnamed.map(({ place, bit }) => `${place}, bit ${bit}`)).toEqual([])
  })

  test("that is a register but EIP is named when it changes, and nothing else is", () => {
    const wrong = flips(before.cpu).filter(({ place, after: cpu }) => {
      const changes = changesOf({ before, after: { ...before, cpu }, events: [] })
      const registers = differing(before.cpu, cpu).filter(({ name }) => name !== "EIP")
      if (changes.length === 0 && ACCESS.test(place)) return false
      return changes.map(calledIn).join() !== registers.map(called).join()
    })
    expect(wrong.map(({ place, bit }) => `${place}, bit ${bit}`)).toEqual([])
  })

  test("is named for what access rights mean, though not each bit of them means something to a reader", () => {
    const CODE_OR_TYPE = 3
    const silent = flips(before.cpu)
      .filter(({ place, bit }) => ACCESS.test(place) && bit === CODE_OR_TYPE)
      .filter(({ after: cpu }) => changesOf({ before, after: { ...before, cpu }, events: [] }).length !== 1)
    expect(silent.map(({ place }) => place)).toEqual([])
  })
})

/** Where a segment register's access rights are. */
const ACCESS = /^segments\.\d\.3$/

const calledIn = ({ what, name }: { what: string; name: string }) => `${what} ${name}`
const WORDS: Readonly<Partial<Record<Named["group"], string>>> = {
  general: "register",
  flags: "flag",
  segments: "segment",
  descriptors: "descriptor",
}
/** As changes call it: a descriptor by its segment register, the rest by their own names. */
const called = ({ group, name }: Named) =>
  `${WORDS[group] ?? "control"} ${group === "descriptors" ? name.split(".")[0] : name}`

test("no two registers have the same name", () => {
  expect(new Set(REGISTERS.map(({ name }) => name)).size).toBe(REGISTERS.length)
})

test("a register that only one of two states has is absent in the other", () => {
  const before = usable()
  const modelSpecific = { ...before.cpu.modelSpecific, values: [0, 8, 0] }
  const after = { ...before, cpu: { ...before.cpu, modelSpecific } }
  expect(changesOf({ before, after, events: [] })).toEqual([
    { what: "control", name: "SYSENTER_CS", old: "00000000h", value: "00000008h" },
    { what: "control", name: "SYSENTER_EIP", old: "00000000h", value: "absent" },
  ])
})

test("a picture tells which model-specific register WRMSR wrote", () => {
  const program = asm`  mov ecx, 0x174
  mov eax, 8
  wrmsr
  hlt`
  const { sentence } = record(pc({ memory: 1 }).load(program)).frame(3)
  expect(sentence).toContain("SYSENTER_CS changed from 00000000h to 00000008h")
})

test("the search for sensitive instructions looks at every register but a few", () => {
  const parts = new Set(PARTS.map(({ name }) => name))
  expect(REGISTERS.map(({ name }) => name).filter((name) => !parts.has(name))).toEqual([
    "VIF",
    "VIP",
    "LDTR.limit",
    "LDTR.access",
    "TR.limit",
    "TR.access",
    "CR2",
  ])
})
