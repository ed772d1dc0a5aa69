/**
 * A ROM in the BIOS's place for one case: it does the steps and sends what it reads to port E9h. So no firmware has
 * touched the devices before.
 */
import { assemble } from "../../../src/isa/assemble"
import type { Case, Step } from "./cases"

const hex = (value: number) => `0x${value.toString(16)}`

/** Microseconds that an instruction takes: QEMU's option is `-icount shift=10`, 1024 ns. */
const INSTRUCTION = 1.024

/** How to do each step. Handlers leave their vector in BL, and interrupts off. */
const CODE = {
  out: ({ port, value }) => `mov dx, ${hex(port)}\n mov al, ${hex(value)}\n out dx, al`,
  in: ({ port }) => `mov dx, ${hex(port)}\n in al, dx\n out 0xe9, al`,
  drop: ({ port }) => `mov dx, ${hex(port)}\n in al, dx`,
  wait: ({ microseconds }) => `mov ecx, ${Math.round(microseconds / INSTRUCTION)}\n a32 loop $`,
  ack: () => "mov bl, 0\n sti\n nop\n nop\n cli\n mov al, bl\n out 0xe9, al",
} satisfies { [Is in Step["is"]]: (step: Extract<Step, { is: Is }>) => string }

const codeOf = (step: Step) => (CODE[step.is] as (step: Step) => string)(step)

const HANDLER_SIZE = 5
const handler = (vector: number) => ` mov bl, ${vector}\n jmp near handled`

/** What all cases have in common; their steps begin at the label. */
const FRAME = assemble(`bits 16
org 0
${Array.from({ length: 256 }, (_, vector) => handler(vector)).join("\n")}
handled:
  mov bp, sp
  and byte [bp + 5], 0xfd
  iret
start:
  xor ax, ax
  mov ss, ax
  mov sp, 0x7c00
  mov es, ax
  xor di, di
  xor bx, bx
  cld
fill:
  mov ax, bx
  stosw
  mov ax, cs
  stosw
  add bx, ${HANDLER_SIZE}
  cmp bx, ${HANDLER_SIZE * 256}
  jne fill
steps:
times 0xfff0 - ($ - $$) db 0
  jmp 0xf000:start
times 0x10000 - ($ - $$) db 0`)

const source = ({ steps }: Case) => ["bits 16", ...steps.map(codeOf), "out 0xf4, al", "hlt"].join("\n")

/** The ROM of a case, 64 KiB. */
export function imageOf(each: Case): Uint8Array {
  const bytes = FRAME.bytes.slice()
  bytes.set(assemble(source(each)).bytes, FRAME.symbols.steps as number)
  return bytes
}
