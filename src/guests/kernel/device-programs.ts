/** Programs in ring 3 that make work for devices: by way of the kernel, since no port is open to them. */
import { BASIS, take } from "./programs"
import { call } from "./system-calls"

/** Tasks, as in `programs.ts`. */
export const DEVICE_PROGRAMS = `
; Ports, by way of the kernel: what is written to the serial port's scratch register is read again.
ports:
  imul ebx, ebx, 100
  mov esi, ${BASIS}
.next:
${call("port")}
${take("eax")}
  dec ebx
  jnz .next
  mov eax, esi
  ret

; The timer: sleep for a tick.
timer:
  mov esi, ${BASIS}
.next:
  push ebx
  mov ebx, 1
${call("sleep")}
  pop ebx
${take("ebx")}
  dec ebx
  jnz .next
  mov eax, esi
  ret

; Lines: more than the console has room for. All are alike, so that they tell nothing of who ran when, unless they are mixed.
lines:
  imul ebx, ebx, 20
  mov esi, ${BASIS}
.next:
  push ebx
  mov ebx, .line
  mov ecx, .line_end - .line
${call("write")}
${take("eax")}
  pop ebx
  dec ebx
  jnz .next
  mov eax, esi
  ret
.line: db "the quick brown fox jumps over the lazy dog", 10
.line_end:
`
