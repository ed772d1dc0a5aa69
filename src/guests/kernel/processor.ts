/**
 * What the kernel asks of its processor: everything that is privileged, or whose meaning depends on the ring, is here and
 * nowhere else. So a build is one value of \`Face\`, and all other parts of the kernel are the same in each.
 */

/** How a build turns interrupts off and on, and how it learns about its own state. */
export interface Face {
  /** Begin a critical section: remember on the stack whether interrupts are on, and turn them off. Changes no register. */
  readonly disable: string
  /** End it: turn interrupts on again if they were on. Takes off the stack what \`disable\` put there. Changes flags only. */
  readonly restore: string
  /** Turn interrupts on, whatever they were. */
  readonly enable: string
  /** Turn them off, whatever they were. */
  readonly off: string
  /** A trap has come through an interrupt gate, which turned interrupts off. */
  readonly entered: string
  /** The frame at ESP is about to be returned to: IRET turns interrupts on if its EFLAGS say so. May change EAX. */
  readonly leaving: string
  /** Routines of this build: \`look\`, which fills in \`seen\`, and what else it needs. */
  readonly routines: string
}

/** As most kernels do it: EFLAGS itself says whether interrupts are on, and POPF puts back what it was. */
const FULL: Face = {
  disable: `  pushfd
  cli`,
  restore: `  popfd                   ; interrupts are on again if they were on before`,
  enable: `  sti`,
  off: `  cli`,
  entered: "",
  leaving: "",
  routines: `
; Ask the processor for the state it is in. Each of these instructions is allowed in every ring.
look:
  mov eax, cs
  and eax, 3
  mov [seen.ring], eax
  sti
  pushfd
  cli
  pushfd
  pop dword [seen.inside]
  popfd
  pushfd
  pop dword [seen.after]
  cli
  sgdt [seen.gdt]
  sidt [seen.idt]
  smsw ax
  mov [seen.status], ax
  str ax
  mov [seen.task], ax
  ret
`,
}

/** Without any instruction that is sensitive and not privileged: the kernel keeps in a variable what it did. */
const WELL_BEHAVED: Face = {
  disable: `  push dword [interrupts]
  cli
  mov dword [interrupts], 0`,
  restore: `  call restore_interrupts`,
  enable: `  mov dword [interrupts], INTERRUPTS
  sti`,
  off: `  cli
  mov dword [interrupts], 0`,
  entered: `  mov dword [interrupts], 0`,
  leaving: `  mov eax, [esp + F_EFLAGS]
  and eax, INTERRUPTS
  mov [interrupts], eax`,
  routines: `
; Whether interrupts are on. An interrupt between two of the kernel's instructions leaves it as it was.
interrupts: dd 0

; End a critical section: what the variable was lies above the return address.
restore_interrupts:
  cmp dword [esp + 4], 0
  je .off
  mov dword [interrupts], INTERRUPTS
  sti
.off:
  ret 4

; Say what the kernel knows from its own variables: it asks nobody.
look:
  mov dword [seen.ring], 0
  mov dword [interrupts], INTERRUPTS
  sti
  push dword [interrupts]
  cli
  mov dword [interrupts], 0
  mov dword [seen.inside], 0
  call restore_interrupts
  mov eax, [interrupts]
  mov [seen.after], eax
  cli
  mov dword [interrupts], 0
  mov esi, gdt_register
  mov edi, seen.gdt
  mov ecx, 6
  rep movsb
  mov esi, idt_register
  mov edi, seen.idt
  mov ecx, 6
  rep movsb
  mov eax, [machine_status]
  mov [seen.status], ax
  mov word [seen.task], TASK
  ret
`,
}

/** The builds by the guest's name. */
export const FACES = { kernel: FULL, "kernel-well-behaved": WELL_BEHAVED } as const satisfies Readonly<
  Record<string, Face>
>

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
