/**
 * What the kernel asks of its processor: everything that is privileged, or whose meaning depends on the ring, is here or in
 * `faces.ts`, and nowhere else. All other parts of the kernel are the same in each build.
 */
import type { Face } from "./faces"

/** Privileged acts that are the same in all builds of today, one routine each; a build for a hypervisor may replace them. */
export const processor = (face: Face) => `
${face.routines}
; What \`look\` found.
seen:
.ring: dd 0
.inside: dd 0
.after: dd 0
.gdt: dw 0                ; limit, then base
  dd 0
.idt: dw 0
  dd 0
.status: dw 0             ; the low half of CR0
.task: dw 0

; What was put into CR0.
machine_status: dd 0

; Load the tables of segments and of gates, and the task register. CS comes from the new GDT by a far jump. SS is not loaded:
; it keeps the boot loader's flat segment until the first trap from ring 3 takes it from the TSS.
load_tables:
  lgdt [gdt_register]
  lidt [idt_register]
  jmp KERNEL_CODE:.reload
.reload:
  mov eax, KERNEL_DATA
  mov ds, eax
  mov es, eax
  mov eax, TASK
  ltr ax
  ret

; Turn on paging with the directory at EAX. WP: what ring 3 may not write, ring 0 may not write either, so that the kernel's
; writes into a program's buffers meet copy-on-write, too.
start_paging:
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80010000      ; PG, WP
  mov [machine_status], eax
  mov cr0, eax
  ret

; Change to the address space whose directory is at EAX; the TLB forgets all pages.
load_directory:
  mov cr3, eax
  ret

; Have the TLB forget the page at EAX.
invalidate_page:
  invlpg [eax]
  ret

; The address whose access was a page fault: EAX. Interrupts are still off, so that no other fault has come between.
fault_address:
  mov eax, cr2
  ret

; Write EAX into the entry of a page table, or directory, at EDI. No other line of the kernel changes one that is in use.
write_entry:
  mov [edi], eax
  ret

; Traps from ring 3 shall find the stack that ends at EAX.
set_kernel_stack:
  mov [tss + 4], eax
  ret

; Sleep until an interrupt was handled. STI takes effect after the next instruction, so no interrupt gets between the two, and
; none is slept through. Interrupts are off before and after.
idle:
${face.enable}
  hlt
${face.off}
  ret

; Sleep until the next interrupt, where they are on: an interrupt that comes just before is missed, but not the timer's next.
doze:
  hlt
  ret

; The end: interrupts are off, and nothing can wake the processor.
halt:
${face.off}
  hlt
  jmp halt

; Bytes to and from port DX, in AL.
port_out:
  out dx, al
  ret
port_in:
  in al, dx
  ret
`
