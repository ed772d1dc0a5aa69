/** Processes: how the first one is made, fork, exit and wait. */
import type { Face } from "./faces"

/** The life of a process. */
export const processes = (face: Face) => `
current: dd 0             ; the record of the process that runs; 0 while the kernel starts
last_pid: dd 0

; Find a record that is free. EDI is it, or the carry flag is set. A zombie that has no parent is nobody's: it is buried first.
find_record:
  mov edi, processes
.next:
  cmp dword [edi + P_STATE], FREE
  je .done                ; and the carry flag is clear
  cmp dword [edi + P_STATE], ZOMBIE
  jne .used
  cmp dword [edi + P_PARENT], 0
  je .bury
.used:
  add edi, PAGE
  cmp edi, processes_end
  jb .next
  stc
  ret
.bury:
  mov esi, edi
  call bury
  clc
.done:
  ret

; Give back what a zombie at ESI still has.
bury:
  mov eax, [esi + P_TABLE]
  call release_frame
  mov eax, [esi + P_DIRECTORY]
  call release_frame
  mov dword [esi + P_STATE], FREE
  ret

; The record at EDI becomes a process that will return to the frame at the top of its kernel stack.
make_ready:
  lea eax, [edi + PAGE - FRAME - 20]
  mov [edi + P_ESP], eax
  mov dword [eax + 16], trap_return  ; schedule takes four registers off, and returns there
  inc dword [last_pid]
  mov eax, [last_pid]
  mov [edi + P_PID], eax
  mov eax, [current]
  mov [edi + P_PARENT], eax
  mov dword [edi + P_REASON], NO_REASON
  mov dword [edi + P_USED], 0
  mov dword [edi + P_LIMIT], 0
  mov dword [edi + P_STATE], READY
  ret

; The first process starts at init in ring 3, with interrupts on; EAX and EBX say which program, and its size.
first_process:
  mov edi, processes
  call make_space
  mov dword [edi + P_BREAK], HEAP + PAGE
  call make_ready
  lea esi, [edi + PAGE - FRAME]
  mov dword [esi], USER_DATA      ; ES and DS
  mov dword [esi + 4], USER_DATA
  mov eax, [program]
  mov [esi + F_EAX], eax
  mov eax, [program_size]
  mov [esi + F_EBX], eax
  mov dword [esi + F_EIP], init
  mov dword [esi + F_CS], USER_CODE
  mov dword [esi + F_EFLAGS], INTERRUPTS + 2
  mov dword [esi + F_EFLAGS + 4], STACK_END
  mov dword [esi + F_EFLAGS + 8], USER_DATA
  jmp schedule.enter

; fork: EAX is the child's pid, in the child 0; -1 if there is no record or no memory left. The child's frame is a copy.
sys_fork:
  push edi
  call find_record
  jc .refuse
  call make_space
  test eax, eax
  jz .refuse
  inc dword [count.forks]
  push edi
  mov esi, ebp
  lea edi, [edi + PAGE - FRAME]
  mov ecx, FRAME / 4
  rep movsd
  pop edi
  mov dword [edi + PAGE - FRAME + F_EAX], 0
  mov esi, [current]
  mov eax, [esi + P_BREAK]
  mov [edi + P_BREAK], eax
  call share_pages
  call make_ready
  mov esi, [current]
  mov eax, [esi + P_LIMIT]
  mov [edi + P_LIMIT], eax
  mov eax, [edi + P_PID]
  pop edi
  ret
.refuse:
  pop edi
  mov eax, -1
  ret

; exit: EBX is what the parent shall be told.
sys_exit:
  mov esi, [current]
  mov [esi + P_STATUS], ebx

; The current process ends. The end of the first is the end of all. Its pages go at once; its tables are in use until another
; process runs, and are its parent's to bury. Its children have no parent any more.
end_process:
  mov esi, [current]
  cmp esi, processes
  je shut_down
  mov edi, [esi + P_TABLE]
  mov ecx, PAGE / 4
  call drop_pages
${face.off}
  mov esi, [current]
  mov dword [esi + P_STATE], ZOMBIE
  mov edi, [esi + P_PARENT]
  test edi, edi
  jz .orphans
  cmp dword [edi + P_STATE], WAITING
  jne .orphans
  mov dword [edi + P_STATE], READY
.orphans:
  mov edi, processes
.next:
  cmp [edi + P_PARENT], esi
  jne .other
  mov dword [edi + P_PARENT], 0
.other:
  add edi, PAGE
  cmp edi, processes_end
  jb .next
  jmp schedule            ; and never come back

; wait: for the child with pid EBX to end. Its status goes to where ECX points. EAX is why the kernel ended it, a vector
; or another number from 0 on, and then the kernel has written a line that says so; -1 if it ended by itself; -2 if there
; is no such child, or ECX points elsewhere than into the caller's own memory.
sys_wait:
  push esi
  push edi
  mov edi, ecx
  mov edx, ecx
  mov ecx, 4
  call check_own
  jc .refuse
  mov esi, processes
.next:
  cmp dword [esi + P_STATE], FREE
  je .other
  cmp [esi + P_PID], ebx
  jne .other
  mov eax, [esi + P_PARENT]
  cmp eax, [current]
  je .again
.other:
  add esi, PAGE
  cmp esi, processes_end
  jb .next
.refuse:
  mov eax, -2
  jmp .done
.again:
${face.disable}
  cmp dword [esi + P_STATE], ZOMBIE
  je .dead
  mov eax, [current]
  mov dword [eax + P_STATE], WAITING
  call schedule
${face.restore}
  jmp .again
.dead:
${face.restore}
  mov eax, [esi + P_STATUS]
  mov [edi], eax          ; the caller's memory: this may be a page fault
  cmp dword [esi + P_REASON], NO_REASON
  je .bury
  call console_room
  call tell_reason
.bury:
  call bury
  mov eax, [esi + P_REASON]
.done:
  pop edi
  pop esi
  ret
`
