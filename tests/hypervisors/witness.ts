/** Guests that mean no harm: what they have and what they get shows what a neighbour did. */
import { kit } from "../../src/guests/kit"
import { startController, startTimer } from "../../src/guests/traps"

/** Where the witness counts while it computes. */
export const PROGRESS = 0x3f_0000
/** Where it says that its memory is as it will stay. */
export const DONE = 0x3e_0000
const ROUNDS = 4

/**
 * Fills 256 KiB with a pattern, under paging; sleeps for a tick and adds up what it finds there, four times; then counts for ever. Ticks come
 * only while it sleeps, so that its memory is the same however long anything takes.
 */
export const WITNESS = `${kit({ gates: [{ vector: 0x20, handler: "tick" }] })}
main:
  mov edi, 0x2f0000       ; 0 to 4 MiB is itself, through the table at 2F1000h
  mov dword [edi], 0x2f1007
  mov edi, 0x2f1000
  mov ecx, 1024
  mov eax, 7
.page:
  stosd
  add eax, 0x1000
  loop .page
  mov eax, 0x2f0000
  mov cr3, eax
  mov eax, 0x80010011
  mov cr0, eax
  mov edi, 0x180000
  mov eax, 1
.fill:
  imul eax, eax, 1664525
  add eax, 1013904223
  mov [edi], eax
  add edi, 4
  cmp edi, 0x1c0000
  jb .fill
${startTimer(1193)}
${startController([0])}
  mov ebp, ${ROUNDS}
.round:
  sti
  hlt
  cli
  mov esi, 0x180000
  xor eax, eax
.sum:
  rol eax, 1
  add eax, [esi]
  add esi, 16
  cmp esi, 0x1c0000
  jb .sum
  mov [sums + ebp * 4], eax
  dec ebp
  jnz .round
  mov dword [${DONE}], 1
  mov al, 0xff
  out 0x21, al
.count:
  inc dword [${PROGRESS}]
  jmp .count
tick:
  mov al, 0x20
  out 0x20, al
  iretd
sums: times ${ROUNDS + 1} dd 0`

/** Does nothing. */
export const IDLE = "org 0x100000\n  cli\n  hlt"
/** Computes, and nothing else. */
export const COMPUTES = "org 0x100000\nagain:\n  inc eax\n  jmp again"
