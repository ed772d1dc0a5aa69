/** Virtual-8086 mode: which instructions IOPL guards, how handlers are entered, and the ways in and out. */
import type { Case } from "../case"
import * as W from "../world"

/** An 8086 program at 2000:0000, its stack at 0700:0400. */
const inVirtual = (iopl: number) => ({
  eflags: 0x20002 | (iopl << 12),
  cs: 0x2000,
  eip: 0,
  ss: 0x700,
  esp: 0x400,
  ds: 0x3000,
  es: 0x3001,
  fs: 0xf5,
  gs: 0x65,
})
const IOPLS = [0, 1, 2, 3]

/** Every case ends at HLT, which faults in ring 3. */
const PROGRAMS: Record<string, string> = {
  cli: "cli",
  sti: "sti",
  pushf: "pushf",
  pushfd: "pushfd",
  "popf of all": "push word 0x7fd7 & ~0x100\n  popf\n  pushf",
  "popfd of all": "push dword 0x3fffd7 & ~0x100\n  popfd\n  pushfd",
  "popf of none": "push word 0\n  popf\n  pushf",
  iret: "push word 0x3202\n  push word 0x2000\n  push word .there\n  iret\n  nop\n.there:",
  "iret with other flags": "push word 0x7ed7\n  push word 0x2000\n  push word .there\n  iret\n  nop\n.there:",
  "iretd with VM 0": "push dword 0x3202\n  push dword 0x2000\n  push dword .there\n  iretd\n  nop\n.there:",
  "int 40h": "int 0x40",
  "int 58h": "int 0x58",
  int3: "int3",
  into: "mov al, 0x7f\n  inc al\n  into",
  hlt: "hlt",
  clts: "clts",
  lgdt: "lgdt [0]",
  lmsw: "lmsw ax",
  smsw: "smsw ax",
  sgdt: "sgdt [0]",
  sldt: "sldt ax",
  str: "str ax",
  lldt: "lldt ax",
  ltr: "ltr ax",
  verr: "verr ax",
  lar: "lar ax, bx",
  lsl: "lsl ax, bx",
  arpl: "arpl ax, bx",
  "mov from cr0": "mov eax, cr0",
  "mov to cr3": "mov cr3, eax",
  "mov from dr7": "mov eax, dr7",
  invd: "invd",
  wbinvd: "wbinvd",
  invlpg: "invlpg [0]",
  rdmsr: "rdmsr",
  wrmsr: "wrmsr",
  ud2: "ud2",
  "in al, dx": "in al, dx",
  "out dx, al": "out dx, al",
  "mov ds": "mov ax, 0xffff\n  mov ds, ax\n  mov al, [0x10]",
  "mov ss": "mov ax, 0x6f0\n  mov ss, ax\n  push ax",
  lds: "lds si, [0]",
  "push and pop of segments": "push ds\n  pop gs\n  push cs\n  pop es",
  "far call": "call 0x2000:.there\n.there:\n  pop ax\n  pop bx",
  "far jump": "jmp 0x1fff:.there + 0x10\n.there:",
  retf: "push cs\n  push word .there\n  retf\n  nop\n.there:",
  "32-bit address": "mov eax, 0x10\n  mov [eax], ebx",
  div: "sub cx, cx\n  div cx",
  lock: "db 0xf0\n  nop",
  bound: "bound ax, [0x10]",
  "lock inc": "lock inc word [0]",
  "fninit with EM": "db 0xdb, 0xe3",
  cpuid: "sub eax, eax",
  enter: "enter 4, 0",
}

function programs(): Case[] {
  const always = new Set([
    "cli",
    "sti",
    "pushf",
    "pushfd",
    "popf of all",
    "popfd of all",
    "popf of none",
    "iret",
    "iret with other flags",
    "iretd with VM 0",
    "int 40h",
    "int 58h",
    "int3",
    "into",
  ])
  return Object.entries(PROGRAMS).flatMap(([name, code]) =>
    (always.has(name) ? IOPLS : [3]).map(
      (iopl): Case => ({
        name: `${name} in virtual-8086 mode with IOPL ${iopl}`,
        state: inVirtual(iopl),
        pokes: name === "fninit with EM" ? [[W.AT.cr0, 0x15]] : [],
        bits: 16,
        code: placed(`  ${code}\n  hlt`),
      }),
    ),
  )
}

/** Labels as offsets in segment 2000h. */
const placed = (code: string) => code.replace(/(word|dword|:)( ?)\.there/g, "$1$2.there - .begin_of_case")

/** Gates to every ring's code. */
function handlers(): Case[] {
  const kinds = { "interrupt gate": 0xe, "trap gate": 0xf, "16-bit interrupt gate": 6, "16-bit trap gate": 7 }
  return Object.entries(kinds).flatMap(([kind, type]) =>
    [0, 1, 2, 3].flatMap((ring) =>
      (["code", "conforming code"] as const).flatMap((what) =>
        (["int 0x40", "ud2"] as const).map((code): Case => {
          const selector = (what === "code" ? W.CODE : W.CONFORMING)[ring] | ring
          const vector = code === "ud2" ? 6 : 0x40
          return {
            name: `${code} from virtual-8086 mode through ${kind} to ${what} ${ring}`,
            state: { ...inVirtual(3), eflags: 0x23202 },
            pokes: W.gateAt(vector, W.gate(selector, W.stub(vector), W.rights(type, 3))),
            bits: 16,
            code: `  ${code}\n  hlt`,
          }
        }),
      ),
    ),
  )
}

/** Gates that are refused, and a task gate. */
function refused(): Case[] {
  return [0, 1, 2, 3]
    .map(
      (dpl): Case => ({
        name: `int 40h from virtual-8086 mode with a gate of DPL ${dpl}`,
        state: inVirtual(3),
        pokes: W.gateAt(0x40, W.gate(W.CODE[0], W.stub(0x40), W.rights(W.INTERRUPT_GATE, dpl))),
        bits: 16,
        code: "  int 0x40\n  hlt",
      }),
    )
    .concat([
      {
        name: "int 40h from virtual-8086 mode through a task gate",
        state: inVirtual(3),
        pokes: W.gateAt(0x40, W.gate(W.TASK_B, 0, W.rights(W.TASK_GATE, 3))),
        bits: 16,
        code: "  int 0x40\n  hlt",
      },
      {
        name: "a step in virtual-8086 mode",
        state: { ...inVirtual(3), eflags: 0x23102 },
        bits: 16,
        code: "  nop\n  nop\n  hlt",
      },
      {
        name: "a bad stack for a handler of virtual-8086 mode",
        state: { ...inVirtual(3), ss0: 0 },
        pokes: W.faultTasks(),
        bits: 16,
        code: "  int 0x58\n  hlt",
      },
    ])
}

/** IRETD to virtual-8086 mode. (QEMU goes there from every ring, and is lost.) */
function entering(): Case[] {
  const frame = (eip: string, flags: string) =>
    [0x65, 0xf5, 0x3001, 0x3000, "0x11110400", 0x700, flags, 0x2000, eip]
      .map((word) => `  push dword ${word}`)
      .join("\n")
  const there = "  times 0x60 - ($ - .begin_of_case) nop\nbits 16\n  pushfd\n  hlt\n  int 0x58\nbits 32"
  return [
    { name: "IRETD to virtual-8086 mode", code: `${frame("0x60", "0x23202")}\n  iretd\n${there}` },
    {
      name: "IRETD to virtual-8086 mode with IOPL 0 and all flags",
      code: `${frame("0x60", "0x274ed7 & ~0x100")}\n  iretd\n${there}`,
    },
    {
      name: "IRETW in ring 0 never goes to virtual-8086 mode",
      code: `  push word 0x3202\n  push word CODE0\n  push word STUBS + 2 * 0x50\n  iretw`,
    },
    { name: "POPFD cannot set VM", code: "  push dword 0x20002\n  popfd\n  pushfd\n  int 0x58" },
    {
      name: "there and back again",
      code: `${frame("0x60", "0x23002")}\n  iretd\n${there}`,
      pokes: W.gateAt(13, W.gate(W.CODE[0], W.AT.case + 0x80, 0x8e)),
    },
  ].map((each) => (each.name === "there and back again" ? { ...each, code: `${each.code}${HANDLER}` } : each))
}

/** Goes back behind the HLT that faulted. */
const HANDLER = "\n  times 0x80 - ($ - .begin_of_case) nop\n  add esp, 4\n  inc dword [esp]\n  iretd"

export const virtual = (): Case[] => [...programs(), ...handlers(), ...refused(), ...entering()]
