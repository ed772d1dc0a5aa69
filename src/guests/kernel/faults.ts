/** Page faults that are mended, exceptions that end a process, and those that end the kernel. */
import type { Face } from "./faces"
import { AS, type ReportRow, report } from "./report"

/** Where the process was. */
const PLACE: readonly ReportRow[] = [[", eip ", "P_EIP", 8], ["\n"]]

/** Handlers of exceptions. */
export const faults = (face: Face) => `
; A page fault is mended if the page belongs to the process: a page that is not there yet is filled with zeros; one that is
; shared since a fork is copied, or taken over by the last who has it. Then the instruction runs again. All others end it.
page_fault:
  push ebx
  push edi
  call fault_address
  mov ebx, eax
  mov esi, [current]
  test esi, esi
  jz panic
  cmp ebx, HEAP
  jb .refuse
  cmp ebx, [esi + P_BREAK]
  jb .own
  cmp ebx, STACK
  jb .refuse
  cmp ebx, STACK_END
  jae .refuse
.own:
  mov edi, ebx
  shr edi, 12
  and edi, 0x3ff
  shl edi, 2
  add edi, [esi + P_TABLE]
  mov eax, [edi]
  test eax, PRESENT
  jz .zeros
  test dword [ebp + F_ERROR], 2  ; a write?
  jz .refuse
  test eax, SHARED
  jz .refuse
  inc dword [count.shared]
  mov edx, eax
  shr edx, 12
  cmp byte [frame_counts + edx], 1
  je .map                 ; nobody else has it any more
  call copy_frame
  jmp .map
.zeros:
  inc dword [count.zeroed]
  call allocate_zeroed
.map:
  and eax, -PAGE
  jz .no_memory
  or eax, PRESENT + WRITABLE + USER
  call write_entry
  mov eax, ebx
  call invalidate_page
  pop edi
  pop ebx
  ret
.no_memory:
  mov dword [ebp + F_VECTOR], NO_MEMORY
.refuse:
  mov [esi + P_ADDRESS], ebx
  cmp ebx, HEAP
  jb exception
  cmp ebx, STACK_END
  jae exception
  jmp end_by_fault        ; also if the kernel has touched it for the process

; EAX is an entry whose frame others have, too: EAX becomes a frame with a copy, or 0.
copy_frame:
  push esi
  push edi
  mov esi, eax
  and esi, -PAGE
  call allocate_frame
  test eax, eax
  jz .done
  inc dword [count.copied]
  push eax
  push esi
  mov edi, eax
  mov ecx, PAGE / 4
  rep movsd
  pop eax
  call release_frame
  pop eax
.done:
  pop edi
  pop esi
  ret

; Any other exception: of a program, it ends the process; of the kernel, it ends everything.
exception:
  test byte [ebp + F_CS], 3
  jz panic

; End the current process for what its frame tells, and remember that for its parent. Where it was says the frame at the top of
; its kernel stack: if the kernel has touched something for it, that is the system call.
end_by_fault:
  mov esi, [current]
  mov eax, [ebp + F_VECTOR]
  mov [esi + P_REASON], eax
  mov eax, [esi + PAGE - FRAME + F_EIP]
  mov [esi + P_EIP], eax
  mov eax, [ebp + F_ERROR]
  mov [esi + P_ERROR], eax
${face.enable}
  jmp end_process

; Tell why the process at ESI was ended. Numbers of its reports are in its record.
tell_reason:
  push ebp
  push esi
  mov ebp, esi
  mov eax, [esi + P_REASON]
  mov ebx, report_page_fault
  cmp eax, 14
  je .put
  mov ebx, report_protection
  cmp eax, 13
  je .put
  mov ebx, report_time
  cmp eax, TIME_LIMIT
  je .put
  mov ebx, report_memory
  ja .put
  mov ebx, report_exception
.put:
  call put_report
  pop esi
  pop ebp
  ret

; The kernel itself has a mistake.
panic:
${face.off}
  call console_drain
  mov dword [current], 0  ; text goes straight to the port
  mov ebx, report_panic
  call put_report
  jmp halt

${report("report_page_fault", [
  ["ended by the kernel: page fault, error code ", "P_ERROR", 4],
  [", address ", "P_ADDRESS", 8],
  ...PLACE,
])}
${report("report_protection", [
  ["ended by the kernel: general protection fault, error code ", "P_ERROR", 4],
  ...PLACE,
])}
${report("report_exception", [["ended by the kernel: exception ", "P_REASON", AS.decimal], ...PLACE])}
${report("report_time", [["ended by the kernel: it has used up its time\n"]])}
${report("report_memory", [["ended by the kernel: there is no memory left, address ", "P_ADDRESS", 8], ...PLACE])}
${report("report_panic", [["\npanic: exception ", "F_VECTOR", AS.decimal], [", eip ", "F_EIP", 8], ["\n"]])}
`
