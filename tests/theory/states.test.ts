/** From which states a form is tried, and which of its ends are set aside. */
import { describe, expect, test } from "vitest"
import { IF, IOPL, NT, TF } from "../../src/isa/eflags"
import { random } from "../../src/numbers/random"
import { CONDITIONS, type Situation } from "../../src/theory/classification"
import { Runner } from "../../src/theory/ia32/runner"
import { Ia32 } from "../../src/theory/ia32/subject"
import { GDT_ENTRIES, LDT_ENTRIES } from "../../src/theory/ia32/world"

const EAX = 0
const ESI = 6
/** Rounds of three states each: as many as a whole search has. */
const ROUNDS = 667

function familiesOf(name: string, ring: 1 | 3) {
  const subject = new Ia32({ ...CONDITIONS, ring })
  const [form] = subject.forms.filter(({ form }) => form === name)
  const familyOf = subject.begin(form, random(1))
  if (!familyOf) throw new Error(`${name} does not exist`)
  return Array.from({ length: ROUNDS }, (_, round) => familyOf(round))
}

describe.each([1, 3] as const)("a search's states in ring %i", (ring) => {
  const families = familiesOf("LAR r32, r/m16 · register", ring)
  const situations = families.flatMap(({ user, supervisor, twin }) =>
    supervisor ? [user, supervisor, twin] : [user, twin],
  )
  const some = (holds: (situation: Situation) => boolean) => situations.filter(holds).length

  test("cover ring, IF, TF, NT and virtual-8086 mode", () => {
    expect(new Set(situations.map((situation) => situation.ring))).toEqual(new Set([0, ring]))
    for (const flag of [IF, TF, NT]) {
      expect(some(({ flags }) => (flags & flag) !== 0)).toBeGreaterThan(5)
      expect(some(({ flags }) => (flags & flag) === 0)).toBeGreaterThan(5)
    }
    expect(some(({ virtual }) => virtual) > 0).toBe(ring === 3) // a program of ring 3 is what may run there
  })

  test("keep IOPL, but where it is what differs", () => {
    const other = families.filter(({ user, twin }) => ((user.flags ^ twin.flags) & IOPL) !== 0)
    expect(other.length).toBeGreaterThan(30)
    expect(new Set(other.map(({ differs, outside }) => `${differs} ${outside}`))).toEqual(
      new Set(["IOPL true"]),
    )
    expect(families.filter(({ user }) => (user.flags & IOPL) !== 0)).toEqual([])
  })

  test("cover each resource that may differ, in user mode and in ring 0, and nothing else differs", () => {
    const resources = new Set(["GDTR", "IDTR", "LDTR", "TR", "CR3", "CR0", "CR4", "IF", "IOPL"])
    for (const base of ["user", "supervisor"] as const)
      expect(new Set(families.filter(({ twinOf }) => twinOf === base).map(({ differs }) => differs))).toEqual(
        resources,
      )
    for (const { user, supervisor, twin, twinOf } of families) {
      const from = twinOf === "user" ? user : supervisor
      const apart = (Object.keys(user) as (keyof Situation)[]).filter(
        (key) => JSON.stringify(from?.[key]) !== JSON.stringify(twin[key]),
      )
      expect(apart).toHaveLength(1)
      if (supervisor) expect({ ...supervisor, ring: user.ring }).toEqual(user)
    }
  })

  test("have selectors of each descriptor of GDT and LDT in registers and memory", () => {
    const words = families.flatMap(({ user: { registers, data, stack } }) => [
      ...registers,
      ...data,
      ...stack,
    ])
    const selectors = new Set(words.map((word) => word & 0xfffc))
    const entries = (table: 0 | 4, count: number) =>
      Array.from({ length: count - 1 }, (_, n) => ((n + 1) << 3) | table).filter((one) => !selectors.has(one))
    expect([entries(0, GDT_ENTRIES), entries(4, LDT_ENTRIES)]).toEqual([[], []])
  })
})

describe("a trap of memory is set aside, and one of privilege is not", () => {
  const [{ user }] = familiesOf("ADD r/m32, r32 · memory", 3)
  const trapOf = (part: Partial<Situation>) => new Runner([]).run({ ...user, ...part }, 0).trap
  const registers = (which: number, value: number) =>
    user.registers.map((old, n) => (n === which ? value : old))
  const NOT_PRESENT_DATA = 0xbb
  const KERNEL_DATA = 0x28

  test.each([
    ["a page that is not there", "#PF", { bytes: [0x01, 0x06], registers: registers(ESI, 0x40_0000) }],
    [
      "beyond the segment's limit",
      "#GP",
      { virtual: true, bytes: [0x67, 0x66, 0x01, 0x06], registers: registers(ESI, 0x1_2345) },
    ],
    [
      "a segment that is not present",
      "#NP",
      { bytes: [0x8e, 0xd8], registers: registers(EAX, NOT_PRESENT_DATA) },
    ],
  ])("%s: %s", (_, name, part) => {
    expect(trapOf(part)).toMatchObject({ name, aside: true })
  })

  test.each([
    ["HLT", { bytes: [0xf4] }],
    ["CLI", { bytes: [0xfa] }],
    ["MOV DS with a selector of the kernel", { bytes: [0x8e, 0xd8], registers: registers(EAX, KERNEL_DATA) }],
  ])("%s: #GP", (_, part) => {
    expect(trapOf(part)).toMatchObject({ name: "#GP", aside: false })
  })
})
