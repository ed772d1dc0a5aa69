/** The single-step trap: which instruction it follows, what it saves, what masks it. */
import type { Case } from "../case"
import * as W from "../world"

/** Sets TF; the instruction after POPFD is the first to trap. */
const TRACE = "  pushfd\n  or dword [esp], 0x100\n  popfd\n"
const NEXT = "\n  nop\n  nop\n  int 0x58"
const STACK = W.stackTop(0) - 0x40

/** What runs with TF set. */
const TRACED: Record<string, string> = {
  nop: "nop",
  "two-byte mov": "mov eax, ebx",
  "mov ss": "mov eax, ss\n  mov ss, ax",
  "pop ss": "push ss\n  pop ss",
  "mov ss twice": "mov eax, ss\n  mov ss, ax\n  mov ss, ax",
  "pop ds": "push ds\n  pop ds",
  "int n": "int 0x40",
  int3: "int3",
  "into, taken": "mov al, 0x7f\n  inc al\n  into",
  "into, not taken": "into",
  pushfd: "pushfd\n  pop eax",
  "popfd that clears TF": "push dword 2\n  popfd",
  "popfd that keeps TF": "push dword 0x102\n  popfd",
  "rep movsb": "mov ecx, 3\n  rep movsb",
  "rep movsb with ECX 0": "sub ecx, ecx\n  rep movsb",
  "repe cmpsb": "mov ecx, 3\n  repe cmpsb",
  "a short jump": "jmp .there\n  nop\n.there:",
  "a jump that is not taken": "jz .there\n  nop\n.there:",
  loop: "mov ecx, 2\n.there:\n  loop .there",
  call: "call .there\n.there:",
  "a far jump": "jmp CODE0:0x8000 + 2 * 0x58",
  "a faulting instruction": "ud2",
  "a load that faults": "mov eax, 0x200\n  mov ds, ax",
  sti: "sti",
  cli: "cli",
  "mov dr": "mov eax, dr7",
  "lock inc": "lock inc dword [0x30000]",
  cpuid: "sub eax, eax\n  mov ebx, eax",
  pushad: "pushad\n  popad",
  enter: "enter 8, 1",
  "bound, fine": "mov eax, 0\n  bound eax, [0x30000]",
  "bound, exceeded": "mov eax, 1\n  bound eax, [0x30000]",
  "iret that sets TF": "push dword 0x102\n  push dword CODE0\n  push dword CASE + 0x60\n  iretd",
  "iret that clears TF": "push dword 2\n  push dword CODE0\n  push dword CASE + 0x60\n  iretd",
}

function traced(): Case[] {
  return Object.entries(TRACED).flatMap(([name, code]) =>
    [0, 1].map((skip): Case => {
      const resume = "  times 0x60 - ($ - .begin_of_case) nop\n  nop\n  nop\n  int 0x58"
      // Either the first trap is reported, or the handler returns from the first and the second is reported.
      const handler =
        skip === 0 ? [] : W.gateAt(1, W.gate(W.CODE[0], W.AT.case + 0x80, W.rights(W.INTERRUPT_GATE)))
      return {
        name: `${name}${skip ? ", all traps counted" : ", the first trap"}`,
        state: { ebp: 0, esi: W.AT.data, edi: W.AT.data + 0x10, esp: STACK + 0x40 },
        pokes: handler,
        code: `${TRACE}  ${code}${NEXT}\n${resume}\n  times 0x80 - ($ - .begin_of_case) nop\n  inc ebp\n  cmp ebp, 8\n  jae .enough\n  iretd\n.enough:\n  int 0x58`,
      }
    }),
  )
}

/** From ring 3: TF is cleared on the way in, and IRET brings it back. */
function outer(): Case[] {
  return [
    { name: "a step in ring 3", ring: 3, code: `${TRACE}${NEXT}` },
    {
      name: "a step in ring 3 over an interrupt gate",
      ring: 3,
      pokes: W.gateAt(0x40, W.gate(W.CODE[0], W.stub(0x40), 0xee)),
      code: `${TRACE}  int 0x40`,
    },
    { name: "a step in ring 3 over a refused INT", ring: 3, code: `${TRACE}  int 0x41` },
    {
      name: "IRET to ring 3 with TF",
      code: `  push dword DATA3\n  push dword 0x7400\n  push dword 0x102\n  push dword CODE3\n  push dword CASE + 0x40\n  iretd\n  times 0x40 - ($ - .begin_of_case) nop\n  nop\n  nop\n  int 0x58`,
    },
    { name: "TF of a task state", state: { eflags: 0x102 }, code: NEXT },
    {
      name: "a step over a call gate",
      ring: 3,
      pokes: W.descriptorAt(W.SPARE, W.gate(W.CODE[0], W.AT.case + 0x40, 0xec)),
      code: `${TRACE}  call 0x103:0\n  times 0x40 - ($ - .begin_of_case) nop\n  nop\n  nop\n  int 0x58`,
    },
  ]
}

export const steps = (): Case[] => [...traced(), ...outer()]
