/** Page tables: the kernel's own, address spaces of processes, and what fork does with them. */

/** Tables and spaces. */
export const PAGING = `
; The kernel's own tables, once for all: memory at its own address, for ring 0. The pages of user code are for ring 3, too,
; to be read. EAX is the directory. Paging is off.
map_memory:
  call allocate_zeroed
  mov [kernel_directory], eax
  mov edx, eax            ; the directory's next entry
  mov ebx, PRESENT + WRITABLE  ; the next page's entry
.table:
  call allocate_zeroed
  push eax
  add eax, PRESENT + WRITABLE + USER
  mov edi, edx
  call write_entry
  add edx, 4
  pop edi
  mov ecx, PAGE / 4
.page:
  mov eax, ebx
  call write_entry
  add edi, 4
  add ebx, PAGE
  loop .page
  cmp ebx, [memory_end]
  jb .table
  mov edi, [kernel_directory]
  mov ebx, [edi]
  and ebx, -PAGE          ; the first table
  mov edi, ebx
  xor eax, eax            ; nothing at 0
  call write_entry
  mov edx, user_code
.user:
  mov eax, edx
  shr eax, 12
  lea edi, [ebx + eax * 4]
  lea eax, [edx + PRESENT + USER]
  call write_entry
  add edx, PAGE
  cmp edx, user_code_end
  jb .user
  mov eax, [kernel_directory]
  ret

kernel_directory: dd 0

; A directory and an empty table for the process at EDI; its entries for the kernel are everybody's. EAX is 0 if there is no
; memory for them.
make_space:
  push ebx
  push esi
  call allocate_zeroed
  mov [edi + P_DIRECTORY], eax
  test eax, eax
  jz .done
  mov ebx, eax
  call allocate_zeroed
  mov [edi + P_TABLE], eax
  test eax, eax
  jz .give_back
  push edi
  lea edi, [ebx + HEAP / 0x400000 * 4]
  add eax, PRESENT + WRITABLE + USER
  call write_entry
  mov edi, ebx
  mov esi, [kernel_directory]
.kernel:
  lodsd
  call write_entry
  add edi, 4
  test eax, eax
  jnz .kernel
  pop edi
  mov eax, ebx
  jmp .done
.give_back:
  mov eax, ebx
  call release_frame
  xor eax, eax
.done:
  pop esi
  pop ebx
  ret

; The process at EDI gets the pages of the current one. Both keep them read-only, marked SHARED where they could be written:
; who writes first, copies. REPE SCASD passes over entries that are 0.
share_pages:
  push ebx
  push edi
  mov ebx, [edi + P_TABLE]
  mov edx, [current]
  mov edi, [edx + P_TABLE]
  sub ebx, edi            ; from an entry to the child's
  mov ecx, PAGE / 4
.next:
  xor eax, eax
  repe scasd
  je .done                ; all the rest are 0
  mov eax, [edi - 4]
  mov edx, eax
  shr edx, 12
  inc byte [frame_counts + edx]
  test eax, WRITABLE
  jz .both
  and eax, ~WRITABLE
  or eax, SHARED
.both:
  sub edi, 4
  call write_entry
  add edi, ebx
  call write_entry
  sub edi, ebx
  add edi, 4
  test ecx, ecx
  jnz .next
.done:
  mov eax, [current]
  mov eax, [eax + P_DIRECTORY]
  call load_directory     ; the TLB may hold pages as writable
  pop edi
  pop ebx
  ret

; Take pages away from the process at ESI: EDI is the first entry, ECX how many. Stale copies in the TLB are the caller's.
drop_pages:
  xor eax, eax
.next:
  jecxz .done
  repe scasd
  je .done
  mov eax, [edi - 4]
  call release_frame
  sub edi, 4
  xor eax, eax
  call write_entry
  add edi, 4
  jmp .next
.done:
  ret
`
