import { expect, test } from "vitest"
import { enterRing } from "../../src/guests/kit"
import { run } from "./guest"

/** The manual's table: which bits POPF takes from the stack, by operand size, CPL and IOPL. */
const BITS = {
  ID: 1 << 21,
  VIP: 1 << 20,
  VIF: 1 << 19,
  AC: 1 << 18,
  RF: 1 << 16,
  NT: 1 << 14,
  IOPL: 3 << 12,
  OF: 1 << 11,
  DF: 1 << 10,
  IF: 1 << 9,
  TF: 0,
  STATUS: 0xd5,
}
const ALWAYS = BITS.NT | BITS.OF | BITS.DF | BITS.STATUS
const taken = (size: 16 | 32, cpl: number, iopl: number) =>
  ALWAYS | (size === 32 ? BITS.ID | BITS.AC : 0) | (cpl === 0 ? BITS.IOPL : 0) | (cpl <= iopl ? BITS.IF : 0)

const ALL = Object.values(BITS).reduce((all, bit) => all | bit, 0)

/** EFLAGS after POPF of `image` in a ring, having begun as `before`. */
function after(size: 16 | 32, ring: number, before: number, image: number): number {
  const pop = size === 32 ? `push ${image}\n popfd` : `push word ${image & 0xffff}\n popfw`
  const body = `${enterRing(ring, "there", before)}\nthere:\n ${pop}\n pushfd\n pop ebx\n ud2`
  const { machine, faults } = run(
    ring === 0 ? `push ${before}\n popfd\n ${pop}\n pushfd\n pop ebx\n ud2` : body,
  )
  expect(faults).toEqual(["#UD"])
  return machine.cpu.reg[3]
}

for (const size of [16, 32] as const)
  for (const ring of [0, 1, 2, 3])
    for (const iopl of [0, 1, 2, 3])
      test(`POPF of ${size} bits in ring ${ring} with IOPL ${iopl} takes the bits that the manual's Table 4-15 says`, () => {
        const none = 2 | (iopl << 12)
        const full = (ALL & ~BITS.IOPL & ~BITS.RF & ~BITS.VIF & ~BITS.VIP & ~BITS.AC) | 2 | (iopl << 12)
        const mask = taken(size, ring, iopl)
        // PUSHF shows RF and VM as 0, and VIF and VIP cannot be set on this machine.
        const visible = ~(BITS.RF | BITS.VIF | BITS.VIP)
        expect(after(size, ring, none, ALL | 2) & visible).toBe(((none & ~mask) | (ALL & mask) | 2) & visible)
        expect(after(size, ring, full, 2) & visible).toBe(((full & ~mask) | 2) & visible)
      })
