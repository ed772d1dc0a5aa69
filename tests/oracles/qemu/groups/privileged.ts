/** Instructions that only some rings may use, and values that control registers refuse. */
import type { Case } from "../case"
import * as W from "../world"

const RINGS = [0, 1, 2, 3]
const INSTRUCTIONS = [
  "lgdt [0x1008]",
  "lidt [0x1010]",
  "mov ax, 0x90\n  lldt ax",
  "mov ax, 0x70\n  ltr ax",
  "mov eax, 0x11\n  lmsw ax",
  "clts",
  "mov eax, cr0",
  "mov eax, cr2",
  "mov eax, cr4",
  "mov eax, 0x12345678\n  mov cr2, eax\n  mov ecx, cr2",
  "mov eax, dr0",
  "mov eax, dr6",
  "mov eax, dr7",
  "mov dr0, ecx\n  mov eax, dr0",
  "mov dr7, ecx\n  mov eax, dr7",
  "invd",
  "wbinvd",
  "invlpg [0x30000]",
  "mov ecx, 0x12345\n  rdmsr",
  "mov ecx, 0x12345\n  wrmsr",
  "sgdt [0x30000]",
  "sidt [0x30000]",
  "sldt eax",
  "str eax",
  "smsw eax",
  "sldt [0x30000]",
  "str [0x30000]",
  "smsw [0x30000]",
  "smsw ax",
  "sldt ax",
]
const flat = (code: string) => code.replaceAll("\n  ", ", ")

function rings(): Case[] {
  return INSTRUCTIONS.flatMap((code) =>
    RINGS.map(
      (ring): Case => ({ name: `${flat(code)} in ring ${ring}`, ring, code: `  ${code}\n  int 0x58` }),
    ),
  )
}

/** Values of CR0 and CR4, in ring 0. */
function controls(): Case[] {
  // PG without PE is left out: QEMU takes it, and is lost.
  const zero = [
    "0x20000011",
    "0x60000011",
    "0x40000011",
    "0x11",
    "0x13",
    "0x1b",
    "0x31",
    "0x50011",
    "0x1ffaffd1",
  ]
  const four = ["0", "4", "8", "0x10", "0x80", "0x9c"]
  return [
    ...zero.map(
      (value): Case => ({
        name: `CR0 takes ${value}`,
        code: `  mov eax, ${value}\n  mov cr0, eax\n  mov ecx, cr0\n  int 0x58`,
      }),
    ),
    ...four.map(
      (value): Case => ({
        name: `CR4 takes ${value}`,
        code: `  mov eax, ${value}\n  mov cr4, eax\n  mov ecx, cr4\n  int 0x58`,
      }),
    ),
    {
      name: "CR3 keeps its low bits",
      code: "  mov eax, 0x12345fff\n  mov ecx, cr3\n  mov cr3, eax\n  mov ebx, cr3\n  mov cr3, ecx\n  mov ecx, 0\n  int 0x58",
    },
    ...[0, 1, 2, 4].map(
      (value): Case => ({
        name: `LMSW of ${value} cannot clear PE`,
        code: `  mov eax, ${value}\n  lmsw ax\n  mov ecx, cr0\n  int 0x58`,
      }),
    ),
    ...[1, 5, 6, 7].map(
      (n): Case => ({ name: `there is no CR${n}`, code: `  db 0x0f, 0x20, 0xc0 + 8 * ${n}\n  int 0x58` }),
    ),
    { name: "TSD in ring 3", ring: 3, pokes: [[W.AT.cr4, 4]], code: "  rdtsc\n  int 0x58" },
    { name: "DR4 is DR6 without CR4.DE", code: "  mov eax, dr4\n  mov ecx, dr5\n  int 0x58" },
    { name: "DR4 is undefined with CR4.DE", pokes: [[W.AT.cr4, 8]], code: "  mov eax, dr4\n  int 0x58" },
    {
      name: "DR7 has fixed bits",
      code: "  sub eax, eax\n  mov dr7, eax\n  mov ecx, dr7\n  mov eax, 0xffffdfff & ~0x3ff\n  mov dr7, eax\n  mov edx, dr7\n  sub eax, eax\n  mov dr7, eax\n  int 0x58",
    },
    {
      name: "DR6 has fixed bits",
      code: "  sub eax, eax\n  mov dr6, eax\n  mov ecx, dr6\n  dec eax\n  mov dr6, eax\n  mov edx, dr6\n  mov eax, 0xffff0ff0\n  mov dr6, eax\n  int 0x58",
    },
    {
      name: "DR7.GD guards the debug registers",
      code: "  mov eax, 0x2400\n  mov dr7, eax\n  mov ecx, dr0\n  int 0x58",
    },
    {
      name: "AC faults in ring 3 with CR0.AM",
      ring: 3,
      pokes: [[W.AT.cr0, 0x40011]],
      state: { eflags: 0x40002 },
      code: "  mov eax, [0x30001]\n  int 0x58",
    },
    {
      name: "AC does not fault in ring 2",
      ring: 2,
      pokes: [[W.AT.cr0, 0x40011]],
      state: { eflags: 0x40002 },
      code: "  mov eax, [0x30001]\n  int 0x58",
    },
    {
      name: "AC does not fault without CR0.AM",
      ring: 3,
      state: { eflags: 0x40002 },
      code: "  mov eax, [0x30001]\n  int 0x58",
    },
    ...["0x15", "0x19", "0x1b", "0x13", "0x11", "0x1f"].flatMap((cr0) =>
      ["db 0xd9, 0xd0", "fwait"].map(
        (code): Case => ({
          name: `${code} with CR0 ${cr0}`,
          pokes: [[W.AT.cr0, Number(cr0)]],
          code:
            cr0 === "0x19" || cr0 === "0x1b" || cr0 === "0x1f"
              ? `  mov eax, ${cr0}\n  mov cr0, eax\n  ${code}\n  int 0x58`
              : `  clts\n  ${code}\n  int 0x58`,
        }),
      ),
    ),
  ]
}

/** Execution breakpoints and data breakpoints. */
function breakpoints(): Case[] {
  const set = (address: string, dr7: string) =>
    `  mov eax, ${address}\n  mov dr0, eax\n  mov eax, ${dr7}\n  mov dr7, eax\n`
  return [
    {
      name: "an execution breakpoint is a fault",
      code: `${set("CASE + 0x20", "0x2")}  times 0x20 - ($ - .begin_of_case) nop\n  nop\n  int 0x58`,
    },
    {
      name: "a write breakpoint is a trap",
      code: `${set("0x30000", "0xd0002")}  mov ecx, [0x30000]\n  mov [0x30002], cl\n  nop\n  int 0x58`,
    },
    {
      name: "a read breakpoint traps on reads",
      code: `${set("0x30000", "0xf0002")}  mov ecx, [0x30000]\n  nop\n  int 0x58`,
    },
    {
      name: "a write breakpoint of one byte beside it",
      code: `${set("0x30000", "0x10002")}  mov [0x30001], cl\n  nop\n  int 0x58`,
    },
    {
      name: "a write breakpoint in a REP",
      code: `${set("0x30004", "0xd0002")}  mov edi, 0x30000\n  mov ecx, 4\n  rep stosd\n  nop\n  int 0x58`,
    },
    {
      name: "a breakpoint that is not enabled",
      code: `${set("0x30000", "0xd0000")}  mov [0x30000], cl\n  nop\n  int 0x58`,
    },
  ]
}

export const privileged = (): Case[] => [...rings(), ...controls(), ...breakpoints()]
