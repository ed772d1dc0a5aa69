/** Descriptors of every type: loaded into segment registers, looked at by LAR, LSL, VERR and VERW. */
import type { Case } from "../case"
import * as W from "../world"

const RINGS = [0, 1, 2, 3]
const TYPES = Array.from({ length: 32 }, (_, type) => type)
const hex = (value: number) => `0x${value.toString(16)}`
const SPARE = W.SPARE
const present = [true, false]
const there = (isPresent: boolean) => (isPresent ? "" : ", not present")

const load = (selector: number, instruction: string) =>
  `  mov eax, ${hex(selector)}\n  ${instruction}\n  int 0x58`

/** Flat, but a TSS must have a place of its own. */
const descriptor = (way: string, type: number, isPresent: boolean) =>
  way === "ltr ax"
    ? W.segment(W.AT.taskB, 0xfff, (isPresent ? W.PRESENT : 0) | type)
    : W.flatOf(type, 0, isPresent)

/** Each type in each register that can hold it, by the instruction that loads it. */
function loading(): Case[] {
  const ways = ["mov ds, ax", "mov ss, ax", "lldt ax", "ltr ax"]
  return ways.flatMap((way) =>
    TYPES.flatMap((type) =>
      present.map(
        (isPresent): Case => ({
          name: `${way} with type ${type}${there(isPresent)}`,
          pokes: W.descriptorAt(SPARE, descriptor(way, type, isPresent)),
          code: load(SPARE, way),
        }),
      ),
    ),
  )
}

/** CPL, RPL and DPL in the balance. */
function levels(): Case[] {
  const kinds: [string, number, string][] = [
    ["data", W.DATA_TYPE, "mov ds, ax"],
    ["readable code", W.CODE_TYPE, "mov ds, ax"],
    ["conforming code", W.CONFORMING_TYPE, "mov gs, ax"],
    ["data", W.DATA_TYPE, "mov ss, ax"],
  ]
  return kinds.flatMap(([what, type, way]) =>
    RINGS.flatMap((ring) =>
      RINGS.flatMap((dpl) =>
        RINGS.map(
          (rpl): Case => ({
            name: `${way} in ring ${ring} with ${what} of DPL ${dpl} and RPL ${rpl}`,
            ring,
            pokes: W.descriptorAt(SPARE, W.flatOf(type, dpl)),
            code: load(SPARE | rpl, way),
          }),
        ),
      ),
    ),
  )
}

const LOOK =
  "  lar ebx, ax\n  pushfd\n  lsl ecx, ax\n  pushfd\n  verr ax\n  pushfd\n  verw ax\n  pushfd\n  int 0x58"

/** LAR, LSL, VERR and VERW one after the other; the flags of each lie on the stack. */
function looking(): Case[] {
  const types = TYPES.flatMap((type) =>
    present.map(
      (isPresent): Case => ({
        name: `LAR LSL VERR VERW of type ${type}${there(isPresent)}`,
        pokes: W.descriptorAt(SPARE, W.segment(0x12345678, 0xabcde, (isPresent ? 0x80 : 0) | type, W.BIG)),
        code: `  mov eax, ${hex(SPARE)}\n${LOOK}`,
      }),
    ),
  )
  const rings = [W.DATA_TYPE, W.CODE_TYPE, W.CONFORMING_TYPE, 2, 9, 12].flatMap((type) =>
    RINGS.flatMap((ring) =>
      RINGS.flatMap((dpl) =>
        RINGS.map(
          (rpl): Case => ({
            name: `LAR LSL VERR VERW in ring ${ring} of type ${type} with DPL ${dpl} and RPL ${rpl}`,
            ring,
            pokes: W.descriptorAt(SPARE, W.segment(0, 0xabcde, W.rights(type, dpl), W.GRANULAR)),
            code: `  mov eax, ${hex(SPARE | rpl)}\n${LOOK}`,
          }),
        ),
      ),
    ),
  )
  return [...types, ...rings]
}

/** Selectors that name no descriptor. */
function nowhere(): Case[] {
  const selectors = {
    null: 0,
    "null with RPL 3": 3,
    "the last of the GDT": 0x1f8,
    "beyond the GDT": 0x200,
    "in the LDT": 0x14,
  }
  const ways = ["mov ds, ax", "mov ss, ax", "lldt ax", "ltr ax", "push eax\n  pop es", "push eax\n  pop ss"]
  return Object.entries(selectors).flatMap(([what, selector]) => [
    // QEMU takes a null selector for LTR, and then saves the task at linear 0.
    ...ways
      .filter((way) => selector > 3 || way !== "ltr ax")
      .map((way): Case => ({ name: `${way.replace("\n  ", ", ")}: ${what}`, code: load(selector, way) })),
    { name: `LAR LSL VERR VERW: ${what}`, code: `  mov eax, ${hex(selector)}\n${LOOK}` },
  ])
}

/** Segments of the LDT. */
function local(): Case[] {
  const inLdt = 0x14
  const pokes = W.descriptorAt(inLdt, W.flatOf(W.DATA_TYPE, 0))
  const ldt = "  mov eax, 0x90\n  lldt ax\n"
  const short = W.descriptorAt(W.LDT, W.segment(W.AT.ldt, 0x16, 0x82))
  return [
    { name: "data of the LDT", pokes, code: ldt + load(inLdt, "mov ds, ax") },
    {
      name: "data of an LDT that is too short",
      pokes: [...pokes, ...short],
      code: ldt + load(inLdt, "mov ds, ax"),
    },
    { name: "no LDT", pokes, code: `  sub eax, eax\n  lldt ax\n${load(inLdt, "mov ds, ax")}` },
    { name: "the LDT of the task", pokes, state: { ldt: W.LDT }, code: load(inLdt, "mov ds, ax") },
    { name: "an LDT in the LDT", state: { ldt: W.LDT }, code: load(inLdt, "lldt ax") },
    { name: "a TSS in the LDT", state: { ldt: W.LDT }, code: load(inLdt, "ltr ax") },
  ]
}

/** ARPL raises RPL, and LSL heeds granularity. */
function arpl(): Case[] {
  return RINGS.flatMap((a) =>
    RINGS.map((b) => ({
      name: `ARPL of RPL ${a} and ${b}`,
      ring: 3,
      code: `  mov eax, ${hex(0x40 | a)}\n  mov ebx, ${hex(0x50 | b)}\n  arpl ax, bx\n  int 0x58`,
    })),
  )
}

export const segments = (): Case[] => [...loading(), ...levels(), ...nowhere(), ...local()]
export const looks = (): Case[] => [...looking(), ...arpl()]
