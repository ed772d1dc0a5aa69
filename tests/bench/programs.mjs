/** Programs that both machines run: a 64 KiB ROM whose reset vector switches to protected mode and jumps to the program. */
import { createRequire } from "node:module"

const { assemble } = createRequire(import.meta.url)("ringlab")

const ROM_BYTES = 0x10000
/** Linear address at which the ROM lies in the first megabyte. */
export const ROM_BASE = 0xf0000

/** Erathostenes' sieve over 8191 flags, again and again: byte loads and stores, compares, short jumps. */
export const SIEVE = `
LAST equ 8190
flags equ 0x200000
program:
  mov edi, flags
  mov ecx, LAST + 1
  mov al, 1
  cld
  rep stosb
  xor ebx, ebx
  xor esi, esi
candidate:
  cmp byte [flags + esi], 0
  je next
  lea edx, [esi + esi + 3]
  lea ecx, [esi + edx]
strike:
  cmp ecx, LAST
  ja counted
  mov byte [flags + ecx], 0
  add ecx, edx
  jmp strike
counted:
  inc ebx
next:
  inc esi
  cmp esi, LAST
  jbe candidate
  jmp program
`

/** The way from the reset vector to \`program\` in flat 32-bit protected mode. */
const boot = (program) => `
org ${ROM_BASE}
bits 16
start:
  cli
  o32 lgdt [cs:gdt_register - ${ROM_BASE}]
  mov eax, cr0
  or al, 1
  mov cr0, eax
  jmp dword 8:flat
gdt_register: dw 23
  dd gdt
align 8
gdt: dq 0
  dq 0x00cf9a000000ffff
  dq 0x00cf92000000ffff
bits 32
flat:
  mov eax, 16
  mov ds, eax
  mov es, eax
  mov ss, eax
  mov esp, 0x80000
${program}
  times ${ROM_BYTES - 16} - ($ - $$) db 0
bits 16
  jmp 0xf000:0
  times ${ROM_BYTES} - ($ - $$) db 0
`

/** The ROM, and where the program begins in it. */
export function rom(program) {
  const { bytes, symbols } = assemble(boot(program))
  return { bytes, entry: symbols.program }
}
