/** The way into the kernel and out of it: a stub a vector, one way in, one way out, and a table of handlers. */
import type { Face } from "./faces"

/** Exceptions for which the processor pushes an error code. */
const WITH_ERROR = new Set([8, 10, 11, 12, 13, 14, 17])
/** Exceptions, and the lines of the first interrupt controller. */
const VECTORS = Array.from({ length: 0x28 }, (_, vector) => vector)
const SYSTEM_CALL = 0x80

const label = (vector: number) => `trap_${vector.toString(16).padStart(2, "0")}`

/** All frames look alike: where the processor pushes no error code the stub does. */
const stub = (vector: number) => `${label(vector)}:
${WITH_ERROR.has(vector) ? "" : "  push 0\n"}  push ${vector}
  jmp trap_entry`

/** Entry, exit, stubs and handlers. */
export const traps = (face: Face) => `
; Every trap comes here with a vector and an error code on its stack. All gates are interrupt gates: interrupts are off.
; Segments may hold what a hostile program put there. Handlers find the frame in EBP.
trap_entry:
  pushad
  push ds
  push es
  mov eax, KERNEL_DATA
  mov ds, eax
  mov es, eax
${face.entered}
  cld
  mov ebp, esp
  mov eax, [ebp + F_VECTOR]
  call [handlers + eax * 4]

; Back to where the frame at ESP came from. If that is a program, and the timer says so, others have their turn first.
trap_return:
${face.off}
  test byte [esp + F_CS], 3
  jz .leave
  cmp dword [reschedule], 0
  je .leave
  call schedule
.leave:
${face.leaving}
  pop es
  pop ds
  popad
  add esp, 8              ; vector and error code
${face.leave}

; An interrupt that nobody asked for, such as the controller's spurious one.
stray:
  ret

; Handlers by vector.
handlers:
  times 14 dd exception
  dd page_fault
  times 17 dd exception
  dd timer_interrupt, stray, stray, stray, serial_interrupt, stray, stray, stray
  times 0x58 dd exception
  dd system_call

${[...VECTORS, SYSTEM_CALL].map(stub).join("\n")}
stubs: dd ${VECTORS.map(label).join(", ")}
stubs_end:
`
