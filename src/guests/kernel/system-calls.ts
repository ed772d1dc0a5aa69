/** System calls: INT 80h with a number in EAX, arguments in EBX and ECX, and the answer in EAX. */
import type { Face } from "./processor"

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

; Whether ECX bytes at EDX are in the 4 MiB of a process: carry if not. What is not mapped there is the page fault's matter.
check_own:
  mov eax, edx
  sub eax, HEAP
  jb .done
  add eax, ecx
  jc .done
  cmp eax, STACK_END - HEAP + 1
  cmc
.done:
  ret

; The same for what is only read: code of programs and its constants may be meant, too.
check_readable:
  mov eax, edx
  sub eax, user_code
  jb check_own
  add eax, ecx
  jc check_own
  cmp eax, user_code_end - user_code + 1
  cmc
  jc check_own
  ret

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

; brk: the heap shall end at EBX, if it can. EAX is where it ends. Pages behind the end are given back; new ones come by faults.
sys_brk:
  mov esi, [current]
  cmp ebx, HEAP
  jb .done
  cmp ebx, HEAP_END
  ja .done
  mov edi, ebx
  xchg edi, [esi + P_BREAK]  ; the old end
  add edi, PAGE - 1
  shr edi, 12
  add ebx, PAGE - 1
  and ebx, -PAGE
.next:                    ; the last page, down to the new end
  dec edi
  mov eax, edi
  shl eax, 12
  cmp eax, ebx
  jb .done
  push edi
  call drop_page
  pop edi
  jmp .next
.done:
  mov eax, [esi + P_BREAK]
  ret

; Take the page at EAX from the current process, whose record is at ESI, if it is there.
drop_page:
  push eax
  call entry_of
  mov eax, [edi]
  test eax, eax
  jz .done
  call release_frame
  xor eax, eax
  call write_entry
  mov eax, [esp]
  call invalidate_page
.done:
  pop eax
  ret

; The entry for the page at EAX in the table of the process at ESI: EDI points to it.
entry_of:
  mov edi, eax
  shr edi, 12
  and edi, 0x3ff
  shl edi, 2
  add edi, [esi + P_TABLE]
  ret

; exchange: what the pages at EBX and ECX show, both in the heap. EAX is 0, or -1 if one is not.
sys_exchange:
  mov esi, [current]
  mov edx, [esi + P_BREAK]
  mov eax, ebx
  or eax, ecx
  test eax, PAGE - 1
  jnz .refuse
  cmp ebx, HEAP
  jb .refuse
  cmp ebx, edx
  jae .refuse
  cmp ecx, HEAP
  jb .refuse
  cmp ecx, edx
  jae .refuse
  mov eax, ebx
  call entry_of
  push edi
  push dword [edi]
  mov eax, ecx
  call entry_of
  pop eax
  xchg eax, [esp]         ; EAX: where the first is; on the stack: what it was
  mov edx, edi
  mov edi, eax
  mov eax, [edx]
  call write_entry
  mov edi, edx
  pop eax
  call write_entry
  mov eax, ebx
  call invalidate_page
  mov eax, ecx
  call invalidate_page
  xor eax, eax
  ret
.refuse:
  mov eax, -1
  ret

; port: write BL to the serial port's scratch register, and read it back into EAX.
sys_port:
  mov edx, 0x3ff
  mov eax, ebx
  call port_out
  xor eax, eax
  jmp port_in
`
