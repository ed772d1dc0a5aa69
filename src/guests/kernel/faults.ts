/** Page faults that are mended, exceptions that end a process, and those that end the kernel. */
import type { Face } from "./processor"

/** Handlers of exceptions. */
export const faults = (face: Face) => `
; A page fault is mended if the page belongs to the process: a page that is not there yet is filled with zeros; one that is
; shared since a fork is copied, or taken over by the last who has it. Then the instruction runs again. All others end it.
page_fault:
  push ebx
  push edi
  mov ebx, cr2
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
  jb .whose
  cmp ebx, STACK_END
  jb end_by_fault         ; also if the kernel touched it on the process's behalf
.whose:
  jmp exception

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

; End the current process for what its frame tells, and remember that for its parent.
end_by_fault:
  mov esi, [current]
  mov eax, [ebp + F_VECTOR]
  mov [esi + P_REASON], eax
  mov eax, [ebp + F_EIP]
  mov [esi + P_EIP], eax
  mov eax, [ebp + F_ERROR]
  mov [esi + P_ERROR], eax
${face.enable}
  jmp end_process

; Tell why the process at ESI was ended.
tell_reason:
  push ebx
  push esi
  mov ebx, esi
  mov esi, text_ended
  call put_text
  mov eax, [ebx + P_REASON]
  cmp eax, TIME_LIMIT
  je .time
  mov esi, text_no_memory
  ja .put
  mov esi, text_page_fault
  cmp eax, 14
  je .put
  mov esi, text_protection
  cmp eax, 13
  je .put
  mov esi, text_exception
  call put_text
  mov eax, [ebx + P_REASON]
  call put_decimal
  jmp .place
.time:
  mov esi, text_time
  call put_text
  jmp .end
.put:
  call put_text
  mov eax, [ebx + P_ERROR]
  mov ecx, 4
  call put_hexadecimal
  cmp dword [ebx + P_REASON], 14
  jne .place
  mov esi, text_address
  call put_text
  mov eax, [ebx + P_ADDRESS]
  mov ecx, 8
  call put_hexadecimal
.place:
  mov esi, text_eip
  call put_text
  mov eax, [ebx + P_EIP]
  mov ecx, 8
  call put_hexadecimal
.end:
  call put_line_end
  pop esi
  pop ebx
  ret

; The kernel itself has a mistake.
panic:
${face.off}
  call console_drain
  mov dword [current], 0  ; text goes straight to the port
  mov esi, text_panic
  call put_text
  mov eax, [ebp + F_VECTOR]
  call put_decimal
  mov esi, text_eip
  call put_text
  mov eax, [ebp + F_EIP]
  mov ecx, 8
  call put_hexadecimal
  call put_line_end
  jmp halt

text_ended: db "ended by the kernel: ", 0
text_page_fault: db "page fault, error code ", 0
text_address: db ", address ", 0
text_protection: db "general protection fault, error code ", 0
text_exception: db "exception ", 0
text_time: db "it has used up its time", 0
text_no_memory: db "there is no memory left, error code ", 0
text_eip: db ", eip ", 0
text_panic: db 10, "panic: exception ", 0
`
