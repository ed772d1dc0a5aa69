/**
 * Where things are, for all parts of the kernel: the memory map, the record of a process and the frame of a trap, as
 * constants of the source.
 */

/** How many processes there may be at a time. */
const PROCESSES = 16
/** Pages of memory that the kernel can count: 64 MiB. */
const MOST_FRAMES = 0x4000

/** The map, and names for its borders. */
export const LAYOUT = `; Memory, as the processor's linear addresses. The kernel maps all memory that there is at its physical address, for itself
; alone, so that it reaches every page and every page table. A process has 4 MiB of its own besides.
;
;   00000000  nothing, so that a pointer that was never set faults
;   00001000  memory of the PC: the boot loader's information is in it
;   00100000  the kernel: code, data; then code of user programs, which ring 3 may read; then its tables and stacks
;   ........  frames: pages that are given to processes, and to page tables, to the end of memory (64 MiB are counted)
;   40000000  HEAP: a process's own data, up to its break, which brk moves
;   403F0000  STACK: grows down from 40400000; like the heap, a page is there from its first use on
;   FFC00000  and above: nothing is ever here
;
PAGE equ 0x1000
HEAP equ 0x40000000
HEAP_END equ 0x40300000
STACK equ 0x403f0000
STACK_END equ 0x40400000
MOST_FRAMES equ ${MOST_FRAMES}
PROCESSES equ ${PROCESSES}

; Selectors. The requested privilege level is that of the ring: 0 for the kernel, 3 for programs.
KERNEL_CODE equ 0x08
KERNEL_DATA equ 0x10
USER_CODE equ 0x1b
USER_DATA equ 0x23
TASK equ 0x28

; Bits of an entry of a page table. Bit 9 is left to software: here it says that the page was writable before a fork.
PRESENT equ 1
WRITABLE equ 2
USER equ 4
SHARED equ 0x200

; A process is a page: its record at the bottom, its kernel stack from the top down.
P_STATE equ 0             ; one of the states below
P_PID equ 4
P_PARENT equ 8            ; the parent's record, or 0 if the parent has ended
P_ESP equ 12              ; its kernel stack pointer while another process runs
P_DIRECTORY equ 16        ; its page directory
P_TABLE equ 20            ; its page table, for its own 4 MiB
P_BREAK equ 24            ; the end of its heap
P_WAKE equ 28             ; the tick at which it wants to be woken
P_STATUS equ 32           ; what it gave to exit
P_REASON equ 36           ; why the kernel ended it: a vector, TIME_LIMIT or NO_MEMORY; 0 or more is a reason, -1 is none
P_EIP equ 40              ; … and where it was
P_ERROR equ 44            ; … with which error code
P_ADDRESS equ 48          ; … and what it had touched
P_USED equ 52             ; ticks of the timer that found it running
P_LIMIT equ 56            ; how many it may have; 0: any number
NO_REASON equ -1
TIME_LIMIT equ 0x100
NO_MEMORY equ 0x101

; States. A process that runs is READY, too.
FREE equ 0                ; no process
READY equ 1
SLEEPING equ 2            ; until tick P_WAKE
WAITING equ 3             ; until a child ends
WRITING equ 4             ; until the console has room
ZOMBIE equ 5              ; ended, and its parent has not asked yet

; What a trap leaves on the kernel stack: ES, DS and the general registers, pushed by trap_entry; vector and error code by its
; stub; the rest by the processor, ESP and SS only if the trap came from ring 3.
F_EBX equ 24
F_ECX equ 32
F_EAX equ 36
F_VECTOR equ 40
F_ERROR equ 44
F_EIP equ 48
F_CS equ 52
F_EFLAGS equ 56
FRAME equ 68              ; bytes of a frame from ring 3

INTERRUPTS equ 0x200      ; EFLAGS.IF
`

/** What is zero when the kernel starts, and takes no room in its file. */
export const ZEROED = `section .bss
alignb 4096
processes: resb ${PROCESSES} * 4096
processes_end:
frame_counts: resb MOST_FRAMES  ; how many page tables show a frame
idt: resb 256 * 8
idt_end:
ring: resb RING           ; text on its way to the serial port
  resb 1024
boot_stack:
alignb 4096
frames:                   ; from here to the end of memory
`
