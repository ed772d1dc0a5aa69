/** Who runs: round robin, the timer, sleeping, and the end of all. */
import type { Face } from "./faces"
import { AS, report } from "./report"

/** Ticks in a second. */
const HERTZ = 100
const DIVISOR = Math.round(1_193_182 / HERTZ)

/** The scheduler and the timer. */
export const scheduling = (face: Face) => `
; Let the next process run that is ready, the current one last of all; return when it is this one's turn again. Interrupts are
; off. While nobody is ready the processor sleeps. A process that was made and has not run yet is entered in the same way.
schedule:
  push ebx
  push esi
  push edi
  push ebp
  mov ebx, [reschedule]   ; 1 if the timer wants it
  mov dword [reschedule], 0
.search:
  mov esi, [current]
  mov edi, esi
  mov ecx, PROCESSES
.next:
  add edi, PAGE
  cmp edi, processes_end
  jb .look
  mov edi, processes
.look:
  cmp dword [edi + P_STATE], READY
  je .found
  loop .next
  call idle
  jmp .search
.found:
  cmp edi, esi
  je .same
  inc dword [count.switches]
  add [count.preempted], ebx
  mov [esi + P_ESP], esp
.enter:
  mov [current], edi
  mov eax, [edi + P_DIRECTORY]
  call load_directory
  lea eax, [edi + PAGE]
  call set_kernel_stack
  mov esp, [edi + P_ESP]
.same:
  pop ebp
  pop edi
  pop esi
  pop ebx
  ret

reschedule: dd 0          ; the timer has interrupted a program
ticks: dd 0               ; since the timer was started

; The 8254's counter 0 asks for line 0 ${HERTZ} times a second; line 0 and line 4, the serial port's, are let through.
timer_setup:
  mov edx, 0x43
  mov al, 0x34            ; counter 0, low and high byte, mode 2: again and again
  call port_out
  mov edx, 0x40
  mov al, ${DIVISOR & 0xff}
  call port_out
  mov al, ${DIVISOR >> 8}
  call port_out
  mov edx, 0x21
  mov al, 0xee
  jmp port_out

; A tick: wake who has slept long enough. A program that was interrupted has had its turn, and its time may be used up.
timer_interrupt:
  call end_of_interrupt
  mov eax, [ticks]
  inc eax
  mov [ticks], eax
  mov edi, processes
.next:
  cmp dword [edi + P_STATE], SLEEPING
  jne .other
  cmp eax, [edi + P_WAKE]
  js .other               ; not yet
  mov dword [edi + P_STATE], READY
.other:
  add edi, PAGE
  cmp edi, processes_end
  jb .next
  test byte [ebp + F_CS], 3
  jz .done
  mov dword [reschedule], 1
  mov esi, [current]
  mov eax, [esi + P_USED]
  inc eax
  mov [esi + P_USED], eax
  cmp eax, [esi + P_LIMIT]
  jne .done
  mov dword [ebp + F_VECTOR], TIME_LIMIT
  jmp end_by_fault
.done:
  ret

; Tell the first 8259 that the handler is done: it may send the next.
end_of_interrupt:
  mov edx, 0x20
  mov al, 0x20
  jmp port_out

; The current process goes into the state EAX, and others run until somebody makes it READY. Interrupts are off.
sleep_as:
  push esi
  mov esi, [current]
  mov [esi + P_STATE], eax
  pop esi
  jmp schedule

; yield: others first.
sys_yield:
${face.disable}
  call schedule
${face.restore}
  xor eax, eax
  ret

; sleep: for EBX ticks.
sys_sleep:
  mov esi, [current]
${face.disable}
  add ebx, [ticks]
  mov [esi + P_WAKE], ebx
  mov eax, SLEEPING
  call sleep_as
${face.restore}
  xor eax, eax
  ret

; limit: the timer may find the caller running EBX times; then the kernel ends it.
sys_limit:
  mov esi, [current]
  mov dword [esi + P_USED], 0
  mov [esi + P_LIMIT], ebx
  xor eax, eax
  ret

; What was done. The upper four are the same in each run; how often the timer came, and who ran when, are not.
count:
.calls: dd 0              ; system calls
.forks: dd 0
.zeroed: dd 0             ; pages filled with zeros
.shared: dd 0             ; first writes to pages that are shared since a fork
.copied: dd 0             ; … for which a page was copied
.switches: dd 0           ; changes to another process
.preempted: dd 0          ; … because of the timer

; The first process has ended: say what was done, wait until the serial port has sent it, and stop.
shut_down:
  call console_room
  xor ebp, ebp
  mov ebx, end_report
  call put_report
  call console_flush
  jmp halt

${report("end_report", [
  ["did: system calls ", "count.calls", AS.decimal],
  [", forks ", "count.forks", AS.decimal],
  [", pages zeroed ", "count.zeroed", AS.decimal],
  [", writes to shared pages ", "count.shared", AS.decimal],
  ["\ntime: ticks ", "ticks", AS.decimal],
  [", preemptions ", "count.preempted", AS.decimal],
  [", switches ", "count.switches", AS.decimal],
  [", pages copied ", "count.copied", AS.decimal],
  ["\nhalted\n"],
])}
`
