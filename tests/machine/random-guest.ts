/** Random guests that go round for ever, in which nearly everything happens that an engine could get wrong. */

import { startController } from "../../src/guests/traps"
import type { Device } from "../../src/machine/board/device"
import type { Machine } from "../../src/machine/machine"
import { numbers } from "./busy"
import { boot } from "./guest"

/** What the generator of programs chooses from: text with R for a register, M for an address, N for a number. */
export const LINES = [
  "add R, R",
  "adc R, N",
  "sub R, [M]",
  "sbb [M], R",
  "and R, N",
  "or byte [M], al",
  "xor R, R",
  "cmp R, R",
  "cmp word [M], 7",
  "test R, N",
  "inc R",
  "dec word [M]",
  "neg R",
  "mov R, [M]",
  "mov [M], R",
  "mov al, [M]",
  "mov [M], bx",
  "mov ah, bl",
  "movzx R, byte [M]",
  "lea R, [R + 4 * R + N]",
  "shl R, 3",
  "rcr R, 1",
  "imul R, R",
  "xchg R, [M]",
  "push R\n pop R",
  "pushf\n pop R",
  "setc al",
  "cmovz R, [M]",
  "bts [M], R",
  "call leaf",
  "rdtsc\n xor ebp, eax",
  "int 0x80",
  "ud2",
  "mov eax, cr3\n mov cr3, eax",
  "invlpg [leaf]",
  "mov esi, M\n mov edi, M\n mov ecx, 40\n rep movsb",
  "mov edi, M\n mov ecx, 33\n rep stosd",
  "mov esi, M\n mov edi, M\n mov ecx, 50\n repe cmpsb",
  "mov edi, M\n mov ecx, 50\n repne scasw",
  "mov esi, 0x300800\n mov edi, 0x300802\n mov ecx, 90\n rep movsd",
  "add [0x500000], ecx",
  "xor dword [PTE], 0x3000\n call 0x310000",
  "xor dword [PTE], 0x3000\n invlpg [0x310000]\n call 0x310000",
  "call HALF:half - ORIGIN",
  "pushf\n or dword [esp], 0x100\n popf\n add R, N",
  "std\n mov esi, M\n mov edi, M\n mov ecx, 9\n rep movsd\n cld",
  "cli\n nop\n sti",
  "hlt",
] as const
/** Lines by which a device writes memory, now and some cycles later: the immediate of the instruction behind. */
const DMA =
  "mov dx, 0x304\n mov eax, .L + 1\n out dx, eax\n mov dx, 0x300\n mov al, bl\n out dx, al\n.L: mov bl, 7"
/** Lines with a label of their own: jumps, loops, code that rewrites code. */
export const LABELLED = [
  "jz .L\n inc R\n.L:",
  "jbe .L\n mov [M], R\n.L:",
  "mov ecx, 5\n.L: add R, ecx\n loop .L",
  "mov [.L + 1], R\n.L: mov eax, 5",
  "inc byte [.L + 1]\n.L: mov bl, 7",
  "mov dl, [.L]\n xor dl, 0x28\n mov [.L], dl\n.L: add eax, ebx",
  "mov byte [.L], 0x90\n.L: nop",
  DMA,
  "xor byte [.L + 1], 3\n.L: mov al, 5\n add ebx, eax\n jmp .M\n.M: call leaf",
  "mov edi, .L\n mov esi, .M\n mov ecx, 2\n xor byte [.M + 2], 0x24\n rep movsw\n jmp .L\n.M: nop\n mov bl, 9\n nop\n.L: times 4 nop",
]
/** Lines that go on in single steps for a while, or stop at a place or at data. */
export const WATCHING = [
  "mov eax, leaf\n mov dr0, eax\n mov eax, 2\n mov dr7, eax",
  "mov eax, M\n mov dr1, eax\n mov eax, 0x00f00008\n mov dr7, eax",
  "xor eax, eax\n mov dr7, eax",
]
export const REGISTERS = ["eax", "ebx", "edx", "ebp"]

/** What a random guest is like, by its seed. */
interface Kind {
  readonly seed: number
  readonly lines: number
  readonly pae: boolean
  /** With breakpoints. */
  readonly watched: boolean
  /** The program goes across the end of a page. */
  readonly crossing: boolean
}
const kindOf = (seed: number): Kind => ({
  seed,
  lines: 12 + 6 * seed,
  pae: seed % 3 === 0,
  watched: seed % 4 === 1,
  crossing: seed % 2 === 0,
})

/** A program of random lines under paging, with the timer on. */
function randomText({ seed, lines, pae, watched, crossing }: Kind): string {
  const random = numbers(seed)
  const pick = <T>(from: readonly T[]) => from[random(from.length)]
  const address = () => `0x${(0x300000 + random(0x2100)).toString(16)}`
  const any = () => {
    if (watched && random(8) === 0) return pick(WATCHING)
    return random(4) === 0 ? pick(LABELLED) : pick(LINES)
  }
  const line = (n: number) =>
    any()
      .replaceAll(/\bR\b/g, () => pick(REGISTERS))
      .replaceAll(/(?<!\.)\bM\b/g, address)
      .replaceAll(/\bN\b/g, () => String(random(0x7fffffff)))
      .replaceAll(".L", `.l${n}`)
      .replaceAll(".M", `.m${n}`)
  const text = Array.from({ length: lines }, (_, n) => line(n)).join("\n ")
  const place = crossing ? ` jmp again\n align 4096\n times ${4096 - 12 * seed} db 0x90` : ""
  return `${PROLOGUE}${tables(pae)}${ON}\n${place}\nagain:\n ${text}\n jmp again\n${HANDLERS}`
}

/** A random guest, not yet run. */
export function randomGuest(seed: number): Machine {
  const options = { gates: GATES, descriptors: [HALF], hertz: 33_000_000, devices: [dma()] }
  return boot(randomText(kindOf(seed)), options).machine
}

/** A device as one of a notebook: port 304h takes an address; a byte to port 300h is written there, and changed 40 cycles later. */
export function dma(): Device {
  const device = {
    name: "dma",
    ports: [[0x300, 0x304]] as const,
    state: { at: 0x300000, value: 0 },
    out: ((port, _size, value, host) => {
      if (port === 0x304) device.state = { at: value, value: 0 }
      else {
        host.writeMemory(device.state.at, 8, value)
        device.state = { ...device.state, value }
        host.after(40, 0)
      }
    }) satisfies Device["out"],
    tick: ((_tag, host) =>
      host.writeMemory(device.state.at, 8, device.state.value ^ 0x55)) satisfies Device["tick"],
  }
  return device
}

/** A segment of 16-bit code at 1 MiB. */
export const HALF = "  dw 0xffff, 0\n  db 0x10, 0x9a, 0, 0"

/** Interrupt controller and timer; a page with INC EAX, and one with DEC EBX. */
export const PROLOGUE = `
HALF equ 0x50
${startController([0])}
  mov al, 0x34
  out 0x43, al
  mov al, 200
  out 0x40, al
  xor al, al
  out 0x40, al
  cld
  mov word [0x311000], 0xc340
  mov word [0x312000], 0xc34b`
/** The first 4 MiB are themselves, but two pages of data that change places, and 310000h, whose page changes. */
const TABLES = `
WIDTH equ 4
PTE equ 0x381000 + WIDTH * 0x310
  mov dword [0x380000], 0x381007
  mov edi, 0x381000
  mov eax, 7
.fill: stosd
  add eax, 0x1000
  cmp edi, 0x382000
  jb .fill`
const PAE_TABLES = `
WIDTH equ 8
PTE equ 0x384000 + WIDTH * 0x110
  mov dword [0x380000], 0x382001
  mov dword [0x382000], 0x383007
  mov dword [0x382008], 0x384007
  mov edi, 0x383000
  mov eax, 7
.fill: stosd
  mov dword [edi], 0
  add edi, 4
  add eax, 0x1000
  cmp edi, 0x385000
  jb .fill
  mov eax, cr4
  or eax, 0x20
  mov cr4, eax`
/** Tables for two levels, or for three. */
export const tables = (pae: boolean) => (pae ? PAE_TABLES : TABLES)
export const ON = `
  mov dword [PTE], 0x311007
  mov dword [PTE - 15 * WIDTH], 0x302007
  mov dword [PTE - 14 * WIDTH], 0x301007
  mov eax, 0x380000
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  sti`
/** 16-bit code, called from 32-bit code. */
export const HALF_TEXT = `
bits 16
half: inc ebx
  add ax, bx
  jc .out
  rol ebx, 1
.out: o32 retf
bits 32`
const HANDLERS = `
leaf: add eax, [esp]
  ret
service: inc dword [ticks]
  iretd
skip: add dword [esp], 2
  iretd
unmapped: add esp, 4
  add dword [esp], 6
  iretd
traced: inc dword [ticks]
  test byte [ticks], 3
  jnz .on
  and dword [esp + 8], ~0x100
.on: or dword [esp + 8], 0x10000
  iretd
tick: push eax
  mov al, 0x20
  out 0x20, al
  inc dword [ticks]
  pop eax
  iretd
${HALF_TEXT}
align 4
ticks: dd 0`
const GATES = [
  { vector: 0x80, handler: "service" },
  { vector: 1, handler: "traced" },
  { vector: 6, handler: "skip" },
  { vector: 14, handler: "unmapped" },
  { vector: 0x20, handler: "tick" },
]
