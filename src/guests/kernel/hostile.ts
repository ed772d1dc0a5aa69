/** Programs that do what they may not, one thing each. The kernel ends them, or refuses; the others go on. */
import { call } from "./system-calls"

/** Tasks of the program `crash`. */
export const HOSTILE = `
; Read the kernel's memory, write it, or jump there.
read_kernel:
  mov eax, [start]
  ret
write_kernel:
  mov [start], eax
  ret
jump_kernel:
  jmp start

; Turn interrupts off, use a port, ask for an exception by INT, divide by zero.
turn_off:
  cli
  ret
use_port:
  mov edx, 0x3f8
  out dx, al
  ret
call_gate_14:
  int 14
  ret
divide:
  xor ecx, ecx
  div ecx
  ret

; Change the program's own code, which is everybody's.
write_code:
  mov [write_code], eax
  ret

; Run for ever, with five ticks to live; push for ever.
run_away:
  mov ebx, 5
${call("limit")}
.again:
  jmp .again
push_away:
  push eax
  jmp push_away

; Have the kernel read what is not there: it ends the caller, and not itself.
write_nothing:
  mov ebx, HEAP_END
  mov ecx, 16
${call("write")}
  ret

; Have the kernel tell its own memory, write into it, do a call that there is not, and give a page that nobody has: all of it
; is refused. EAX is the sum of the answers.
ask_too_much:
  mov ebx, start
  mov ecx, 16
${call("write")}
  mov esi, eax
  xor ebx, ebx
  mov ecx, processes
${call("wait")}
  add esi, eax
  mov eax, 1000
  int 0x80
  add esi, eax
  mov ebx, HEAP + 0x3000000
  mov ecx, HEAP
${call("exchange")}
  add eax, esi
  ret

; Come into the kernel with null segments, and with strings going down: nobody else must notice.
bad_segments:
  xor eax, eax
  mov ds, eax
  mov es, eax
  std
${call("getpid")}
  cld
  push USER_DATA
  pop ds
  push USER_DATA
  pop es
  mov eax, 1
  ret
`
