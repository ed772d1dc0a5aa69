/** A guest in which nearly everything happens, and numbers from a seed. */
import { startController } from "../../src/guests/traps"
import { boot, MAP, ON } from "./guest"

/** A guest with everything that could tell runs apart: rings, faults, timer, paging, repeated strings, own code changed. */
export const BUSY = `
${startController([0])}
  mov al, 0x34
  out 0x43, al
  mov al, 250
  out 0x40, al
  xor al, al
  out 0x40, al${MAP}${ON}
  mov eax, DATA3
  mov ds, eax
  mov es, eax
  push DATA3
  push stack3
  push 0x202
  push CODE3
  push user
  iretd
user:
  mov esi, 0x300000
  mov edi, 0x300800
  mov ecx, 700
  rep movsb
  mov edi, 0x300000
  mov ecx, 300
  mov al, bl
  rep stosb
  int 0x80
  cli
  inc byte [patch + 1]
patch: mov bl, 0
  mov eax, [0x3ffffe]
  rdtsc
  xor ebp, eax
  jmp user
service: push eax
  mov eax, cr3
  mov cr3, eax
  pop eax
  iretd
refuse: add dword [esp + 4], 1
  add esp, 4
  iretd
tick: push eax
  mov al, 0x20
  out 0x20, al
  inc dword [ticks]
  pop eax
  iretd
mapped: mov dword [0x201004], 0x203007
  mov dword [0x203000], 0x300007
  add esp, 4
  iretd
align 4
ticks: dd 0`
export const GATES = [
  { vector: 0x80, handler: "service", dpl: 3 },
  { vector: 13, handler: "refuse" },
  { vector: 14, handler: "mapped" },
  { vector: 0x20, handler: "tick" },
]
export const busy = () => boot(BUSY, { gates: GATES, hertz: 33_000_000 }).machine

/** Numbers from 0 up to `below`, from a seed: the usual linear congruence, high bits. */
export function numbers(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * below)
  }
}
