/** A process's own memory, as system calls see it: which addresses are its own, where its heap ends, which page is where. */

/** Checks of addresses, brk and exchange. */
export const USER_MEMORY = `
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
`
