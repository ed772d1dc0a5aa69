/** System calls: INT 80h with a number in EAX, arguments in EBX and ECX, and the answer in EAX. */
import type { Face } from "./faces"

/** What programs call them; a call's number is its place. */
export const CALLS = [
  "write",
  "getpid",
  "yield",
  "fork",
  "exit",
  "wait",
  "brk",
  "sleep",
  "port",
  "limit",
  "exchange",
] as const

/** The call's name. */
export type CallName = (typeof CALLS)[number]

/** The line of a program that makes a call. */
export const call = (name: CallName) => `  mov eax, ${CALLS.indexOf(name)}            ; ${name}
  int 0x80`

/** The dispatcher, and calls that concern neither processes nor time. */
export const systemCalls = (face: Face) => `
; A system call may be interrupted, but no other process runs before it is done, or waits for something.
system_call:
${face.enable}
  inc dword [count.calls]
  mov eax, [ebp + F_EAX]
  mov ebx, [ebp + F_EBX]
  mov ecx, [ebp + F_ECX]
  cmp eax, ${CALLS.length}
  jae .unknown
  call [system_calls + eax * 4]
  mov [ebp + F_EAX], eax
  ret
.unknown:
  mov dword [ebp + F_EAX], -1
  ret

system_calls: dd ${CALLS.map((name) => `sys_${name}`).join(", ")}

; write: ECX bytes at EBX, a line at most, go to the console as a whole. EAX is how many; -1 if they cannot be read, or are
; too many. They are copied onto the stack first, so that nothing can fault between two of them.
sys_write:
  cmp ecx, LINE
  ja .refuse
  mov edx, ebx
  call check_readable
  jc .refuse
  push ebp
  mov ebp, esp
  sub esp, LINE
  mov esi, ebx
  mov edi, esp
  mov ebx, ecx
  rep movsb
  call console_room
  mov esi, esp
  mov ecx, ebx
  call console_put
  mov eax, ebx
  mov esp, ebp
  pop ebp
  ret
.refuse:
  mov eax, -1
  ret

; getpid: EAX is the caller's number.
sys_getpid:
  mov eax, [current]
  mov eax, [eax + P_PID]
  ret

; port: write BL to the serial port's scratch register, and read it back into EAX.
sys_port:
  mov edx, 0x3ff
  mov eax, ebx
  call port_out
  xor eax, eax
  jmp port_in
`
