/**
 * Guests of the lesson on traps, each as assembly text, and the fragments that they share. Where nothing else is said they
 * start in ring 0, put an application into ring 3 and end with HLT, interrupts off, in ring 0: nothing can wake them.
 */
import { enterRing, kit } from "./kit"

const hexadecimal = (value: number) => `0x${value.toString(16)}`

/**
 * Start the 8254 timer: counter 0 asks for an interrupt on line 0 again and again. To be put before `startController`,
 * which forgets what the lines did until then.
 * @param divisor ticks of 1.193182 MHz between two interrupts, 2 to 65535
 * @throws RangeError if the divisor is out of range
 */
export function startTimer(divisor: number): string {
  if (!(Number.isInteger(divisor) && divisor >= 2 && divisor <= 0xffff))
    throw new RangeError(`the divisor is ${divisor}: it must be a whole number from 2 to 65535`)
  return `  mov al, 0x34            ; 8254: counter 0, low and high byte, mode 2 (again and again)
  out 0x43, al
  mov ax, ${divisor}
  out 0x40, al            ; low byte of the divisor
  mov al, ah
  out 0x40, al            ; high byte: counting begins`
}

/**
 * Start the first 8259 interrupt controller: it will listen to some of its lines 0-7.
 * @param lines which lines; all others are masked
 * @param vector of line 0: a multiple of 8, away from the processor's own vectors 0-31
 */
export function startController(lines: readonly number[], vector = 0x20): string {
  const mask = lines.reduce((rest, line) => rest & ~(1 << line), 0xff)
  return `  mov al, 0x11            ; 8259: initialize; three more bytes follow
  out 0x20, al
  mov al, ${hexadecimal(vector)}            ; line 0 is vector ${vector.toString(16)}h, line 1 the next …
  out 0x21, al
  mov al, 4               ; the second controller is at line 2
  out 0x21, al
  mov al, 1               ; as 8086 and its successors need it
  out 0x21, al
  mov al, ${hexadecimal(mask)}            ; which lines are masked: bits that are 1
  out 0x21, al`
}

/**
 * Turn on paging. Linear 0-4 MiB is itself, for all rings. 4-8 MiB goes through the page table at TABLE, whose entries
 * are all empty: an access there is a page fault until the guest fills one.
 */
export function startPaging(): string {
  return `DIRECTORY equ 0x200000
TABLE equ 0x201000
  mov dword [DIRECTORY], 0x87           ; 0-4 MiB: one large page, present, writable, for ring 3 too
  mov dword [DIRECTORY + 4], TABLE + 7  ; 4-8 MiB: see the page table, empty so far
  mov eax, 0x10
  mov cr4, eax                          ; PSE: large pages exist
  mov eax, DIRECTORY
  mov cr3, eax
  mov eax, 0x80000011
  mov cr0, eax                          ; PG: paging begins`
}

/** An application asks the kernel to write a letter, then to end. The serial port has got "H". */
export const SYSTEM_CALL = `${kit({ gates: [{ vector: 0x80, handler: "system_call", dpl: 3 }] })}
main:
${enterRing(3, "application")}

application:              ; ring 3
  mov eax, 1              ; system call 1: write …
  mov ebx, 'H'            ; … this letter
  int 0x80
back:
  mov eax, 0              ; system call 0: end
  int 0x80

system_call:              ; ring 0
  test eax, eax
  jz exit
  mov edx, 0x3f8          ; the serial port, which ring 3 cannot use
  mov eax, ebx
  out dx, al
  iretd
exit:
  hlt
`

/** The kernel mends page faults; `drop` is the line that takes the error code off the stack. */
const mending = (drop: string) => `${kit({
  gates: [
    { vector: 13, handler: "general_protection" },
    { vector: 14, handler: "page_fault" },
    { vector: 0x80, handler: "exit", dpl: 3 },
  ],
})}
main:
${startPaging()}
${enterRing(3, "application")}

application:
  mov dword [0x400010], 42
  mov eax, [0x400010]
  int 0x80

page_fault:
  inc dword [faults]
  push eax
  mov eax, cr2            ; the address that faulted
  shr eax, 12
  and eax, 0x3ff          ; its entry in the page table
  mov dword [TABLE + eax * 4], 0x300007  ; frame 00300000h, present, writable, for ring 3
  pop eax
${drop}
  iretd
exit:
  hlt
general_protection:
  hlt
faults: dd 0
`

/**
 * A page fault that the kernel mends: it maps the missing page and returns, and the same instruction runs again.
 * Ends at `exit`. EAX is 42, read from linear 00400010h = physical 00300010h; FAULTS is 1.
 */
export const MENDED_FAULT = mending("  add esp, 4              ; drop the error code: IRET wants EIP on top")

/** The same with the error code left on the stack: IRET takes it for EIP. Ends in the handler of #GP. */
export const LEFT_ERROR_CODE = mending("")

/** A loop in ring 3 that never calls the kernel; the timer interrupts it. `end` tells the 8259 that the handler is done. */
const preempting = (end: string) => `${kit({ gates: [{ vector: 0x20, handler: "timer" }] })}
main:
${startTimer(1000)}
${startController([0])}
${enterRing(3, "application", 0x202)}

application:
  inc ecx
  jmp application

timer:
  push eax
  inc dword [ticks]
${end}
  pop eax
  iretd
ticks: dd 0
`

/** A loop preempted by the timer, about every 27 700 cycles at 33 MHz. Runs for ever; TICKS counts the interrupts. */
export const PREEMPTED = preempting(
  "  mov al, 0x20            ; end of interrupt: the 8259 may send the next\n  out 0x20, al",
)

/** The same without the end of interrupt: one tick, and never another. */
export const MISSING_EOI = preempting("")

/** INT 13 from ring 3, whose gate has DPL 0: the handler of #GP is entered by the refusal, with error code 6Ah in EAX. */
export const REFUSED_GATE = `${kit({ gates: [{ vector: 13, handler: "general_protection" }] })}
main:
${enterRing(3, "application")}

application:
  int 13
after:
  jmp after

general_protection:
  pop eax                 ; the error code
  hlt
`

/** A division by zero whose gate is not there. The double fault's gate is: its handler halts, with error code 0 in EAX. */
export const DOUBLE_FAULT = `${kit({ gates: [{ vector: 8, handler: "double_fault" }] })}
main:
  xor ecx, ecx
divide:
  div ecx

double_fault:
  pop eax                 ; always 0
  hlt
`

/** The same with an empty IDT: the processor shuts down. */
export const TRIPLE_FAULT = `${kit()}
main:
  xor ecx, ecx
  div ecx
`

/**
 * Ways to another piece of code and back, each between a label and the same label with `_done`: near_call, far_call,
 * same_ring (INT 81h within ring 0), ring_0_fault (#DE within ring 0), system_call (INT 81h from ring 3), ring_3_fault
 * (#DE from ring 3) and page_fault (from ring 3, with paging on and the TLB warm). Ends at `finish`.
 */
export const PRICES = `${kit({
  gates: [
    { vector: 0, handler: "divide_error" },
    { vector: 14, handler: "map_page" },
    { vector: 0x80, handler: "finish", dpl: 3 },
    { vector: 0x81, handler: "nothing", dpl: 3 },
    { vector: 0x82, handler: "turn_paging_on", dpl: 3 },
  ],
})}
main:
  xor ecx, ecx
near_call:
  call near_target
near_call_done:
far_call:
  call CODE0:far_target
far_call_done:
same_ring:
  int 0x81
same_ring_done:
ring_0_fault:
  div ecx
ring_0_fault_done:
${enterRing(3, "application")}

application:
system_call:
  int 0x81
system_call_done:
ring_3_fault:
  div ecx
ring_3_fault_done:
  int 0x82
  mov [0x400000], ecx     ; a first page fault, to fill the TLB
page_fault:
  mov [0x401000], ecx
page_fault_done:
  int 0x80

near_target:
  ret
far_target:
  retf
nothing:
  iretd
divide_error:
  add dword [esp], 2      ; skip DIV
  iretd
map_page:
  push eax
  mov eax, cr2
  shr eax, 12
  and eax, 0x3ff
  mov dword [TABLE + eax * 4], 0x300007
  pop eax
  add esp, 4
  iretd
turn_paging_on:
${startPaging()}
  iretd
finish:
  hlt
`

/**
 * A timer whose handler works for a while; in between the processor sleeps. DIVISOR, LENGTH (rounds of one step that the
 * handler works) and TICKS_WANTED are to be set in memory when it is at `main`. Ends after so many ticks, with HLT.
 */
export const TIMER_LOAD = `${kit({ gates: [{ vector: 0x20, handler: "timer" }] })}
main:
  mov al, 0x34
  out 0x43, al
  mov eax, [divisor]
  out 0x40, al
  mov al, ah
  out 0x40, al
${startController([0])}
  sti
sleep:
  hlt
  jmp sleep

timer:
  push eax
  push ecx
  dec dword [ticks_wanted]
  jz .last
  mov ecx, [length]
  jecxz .done
.work:
  loop .work
.done:
  mov al, 0x20
  out 0x20, al
  pop ecx
  pop eax
  iretd
.last:
  hlt

; Away from the code: writing there would have it decoded anew.
divisor equ 0x180000
length equ 0x180004
ticks_wanted equ 0x180008
`

/**
 * Four ways into ring 0-3, chosen by the address in CHOICE; there it does INT 80h at `asks`, or UD2 at `errs`, chosen
 * by EBX. Ends at `served` (the handler of both), `refused` (#GP) or `missing` (#NP).
 */
export const GATE_TRIES = `${kit({
  gates: [
    { vector: 6, handler: "served" },
    { vector: 11, handler: "missing" },
    { vector: 13, handler: "refused" },
    { vector: 0x80, handler: "served" },
  ],
})}
main:
  jmp [choice]
to_ring_0:
  jmp program
to_ring_1:
${enterRing(1, "program")}
to_ring_2:
${enterRing(2, "program")}
to_ring_3:
${enterRing(3, "program")}

program:
  jmp ebx
asks:
  int 0x80
errs:
  ud2

served:
  hlt
refused:
  hlt
missing:
  hlt
choice: dd to_ring_3
`
