/**
 * Programs that every machine runs from the same bytes: a 64 KiB ROM whose reset vector switches to protected mode, copies
 * the program to 1 MiB and jumps there. A program does a round of work for ever; after each it sends a checksum of four
 * bytes to COM1, by which the bench tells the rounds apart and sees that all machines did the same work.
 */
import { createRequire } from "node:module"

const { assemble, kit } = createRequire(import.meta.url)("ringlab")

const ROM_BYTES = 0x10000
/** Linear address at which the ROM lies in the first megabyte. */
const ROM_BASE = 0xf0000
/** Offset of the program in the ROM. */
const PROGRAM = 0x1000

/** \`round\` is to leave its checksum in EAX. */
export const forEver = (round) => `
main: mov esp, 0x90000
.next: call round
  mov ecx, 4
  mov edx, 0x3f8
.send: out dx, al
  shr eax, 8
  loop .send
  jmp .next
${round}`

/** Erathostenes' sieve over 8191 flags: byte loads and stores, compares, short jumps. */
export const SIEVE = `
LAST equ 8190
flags equ 0x200000
round: mov ebp, 20
  xor ebx, ebx
.pass:
  mov edi, flags
  mov ecx, LAST + 1
  mov al, 1
  cld
  rep stosb
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
  dec ebp
  jnz round.pass
  mov eax, ebx
  ret
`

/** String instructions: fill, copy, compare and search with repeat prefixes; a checksum by LODS. */
const STRINGS = `
source equ 0x200000
copy equ 0x220000
BYTES equ 0x8000
round: cld
  mov edi, source
  mov ecx, BYTES / 4
  mov eax, 0x01020304
.fill: stosd
  imul eax, eax, 1664525
  add eax, 1013904223
  loop .fill
  mov ebp, 10
  xor ebx, ebx
.again:
  mov esi, source
  mov edi, copy
  mov ecx, BYTES / 4
  rep movsd
  mov edi, copy + BYTES
  mov ecx, BYTES
  mov al, bl
  rep stosb
  mov esi, source
  mov edi, copy
  mov ecx, BYTES
  repe cmpsb
  add ebx, esi
  mov edi, copy
  mov ecx, BYTES
  xor eax, eax
.search: repne scasb
  jne .found
  inc ebx
  jecxz .found
  jmp .search
.found:
  mov esi, copy
  mov ecx, BYTES
.sum: lodsb
  add bl, al
  rol ebx, 3
  loop .sum
  dec ebp
  jnz .again
  mov eax, ebx
  ret
`

/** Fibonacci numbers by two calls each: CALL, RET, PUSH, POP. */
const RECURSION = `
round: mov eax, 23
  call fibonacci
  ret
fibonacci:
  cmp eax, 2
  jb .done
  push ebx
  push eax
  dec eax
  call fibonacci
  mov ebx, eax
  pop eax
  sub eax, 2
  call fibonacci
  add eax, ebx
  pop ebx
.done: ret
`

/** Ring 3 asks ring 0 for little things by INT, and by instructions that fault; ring 0 asks itself. */
export const systemCalls = (code, data) => `
TURNS equ 20000
round: mov [kernel_esp], esp
  xor ebx, ebx
  push ${data}
  push stack3
  push 0x202
  push ${code}
  push user
  iretd
user: mov eax, ${data}
  mov ds, eax
  mov es, eax
  mov esi, TURNS
.turn:
  mov eax, 1
  int 0x80
  add ebx, eax
  mov eax, 2
  int 0x80
  xor ebx, eax
  cli
  ud2
  dec esi
  jnz .turn
  mov eax, 3
  int 0x80
system_call:
  cmp eax, 2
  ja .leave
  je .own
  rol ebx, 1
  mov eax, esi
  iretd
.own: int 0x81
  iretd
.leave: mov eax, DATA0
  mov ds, eax
  mov es, eax
  mov eax, ebx
  mov esp, [kernel_esp]
  ret
inner: lea eax, [esi + ebx]
  iretd
refused: add dword [esp + 4], 1
  add esp, 4
  add ebx, 5
  iretd
unknown: add dword [esp], 2
  add ebx, 7
  iretd
align 4
kernel_esp: dd 0
`
export const SYSTEM_GATES = [
  { vector: 0x80, handler: "system_call", dpl: 3 },
  { vector: 0x81, handler: "inner" },
  { vector: 13, handler: "refused" },
  { vector: 6, handler: "unknown" },
]

/** Two address spaces of the same 512 pages, each mapped to frames of its own; every touch after a change of CR3 misses. */
const PAGING = `
tables equ 0x200000        ; directory A, directory B, first table of both, a table of each
window equ 0x400000
PAGES equ 512
round: mov eax, [ready]
  test eax, eax
  jnz .run
  call prepare
.run: mov ebp, 60
  xor ebx, ebx
.switch:
  mov eax, tables
  mov cr3, eax
  call touch
  mov eax, tables + 0x1000
  mov cr3, eax
  call touch
  dec ebp
  jnz .switch
  mov eax, ebx
  ret
touch: mov esi, window
  mov ecx, PAGES
.page: mov eax, [esi]
  add ebx, eax
  inc dword [esi + 8]
  add ebx, [esi + 8]
  add esi, 0x1000
  dec ecx
  jnz .page
  ret
prepare: mov dword [ready], 1
  cld
  mov edi, tables
  mov ecx, 0x1400
  xor eax, eax
  rep stosd
  mov dword [tables], tables + 0x2007
  mov dword [tables + 4], tables + 0x3007
  mov dword [tables + 0x1000], tables + 0x2007
  mov dword [tables + 0x1004], tables + 0x4007
  mov edi, tables + 0x2000
  mov eax, 7
  call fill
  mov edi, tables + 0x3000
  mov eax, 0x800007
  call fill
  mov edi, tables + 0x4000
  mov eax, 0xc00007
  call fill
  mov esi, 0x800000
.number: mov [esi], esi
  mov dword [esi + 8], 0
  add esi, 0x1000
  cmp esi, 0x1000000
  jb .number
  mov eax, tables
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  ret
fill: mov ecx, 1024
.entry: stosd
  add eax, 0x1000
  loop .entry
  ret
align 4
ready: dd 0
`

/** Code that rewrites itself: an immediate each turn, and every 16 turns the operation of four instructions. */
const SELF_MODIFYING = `
TURNS equ 100000
round: mov esi, TURNS
  xor ebx, ebx
.turn:
  mov [patched + 1], ebx
  test esi, 15
  jnz .same
  mov edx, esi
  shr edx, 4
  and edx, 3
  mov al, [operations + edx]
  mov [kernel], al
  mov [kernel + 2], al
  mov [kernel + 4], al
  mov [kernel + 6], al
.same:
patched: mov eax, 0x12345678
  mov ecx, esi
  mov edx, 0x01010101
kernel: add eax, ecx
  add eax, edx
  add eax, ecx
  add eax, edx
  rol ebx, 5
  xor ebx, eax
  dec esi
  jnz round.turn
  mov eax, ebx
  ret
operations: db 0x01, 0x29, 0x31, 0x11        ; ADD, SUB, XOR, ADC with the same operands
`

/** The sieve alone, for a machine that has it in memory already. */
export const sieve = () => assemble(`${kit()}${forEver(SIEVE)}`)

/** Name, source, and what the table of the kit needs. */
const PROGRAMS = [
  ["sieve", SIEVE],
  ["string checksum", STRINGS],
  ["recursion", RECURSION],
  ["system calls and faults", systemCalls("CODE3", "DATA3"), SYSTEM_GATES],
  ["paging, changes of CR3", PAGING],
  ["self-modifying code", SELF_MODIFYING],
]

/** The way from the reset vector to the program in flat 32-bit protected mode. */
const boot = (start, bytes) => `
org ${ROM_BASE}
bits 16
reset:
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
  lgdt [gdt_register]
  mov eax, 16
  mov ds, eax
  mov es, eax
  mov ss, eax
  cld
  mov esi, ${ROM_BASE + PROGRAM}
  mov edi, 0x100000
  mov ecx, ${Math.ceil(bytes / 4)}
  rep movsd
  mov eax, ${start}
  jmp eax
  times ${ROM_BYTES - 16} - ($ - $$) db 0
bits 16
  jmp 0xf000:0
  times ${ROM_BYTES} - ($ - $$) db 0
`

/** A ROM with a program, of which `source` is all behind the kit. */
export function rom(source, options) {
  const { bytes, symbols } = assemble(`${kit(options)}${source}`)
  const image = assemble(boot(symbols.start, bytes.length))
  const whole = Uint8Array.from(image.bytes)
  whole.set(bytes, PROGRAM)
  return { origin: ROM_BASE, bytes: whole, entry: image.symbols.flat }
}

/** The ROMs: \`entry\` is where 32-bit code begins, for a machine that starts in protected mode. */
export const programs = () =>
  PROGRAMS.map(([name, round, gates]) => ({ name, ...rom(forEver(round), { gates }) }))
