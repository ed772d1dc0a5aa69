/**
 * The builds: what differs between them, each a value of `Face`. How a kernel turns interrupts off and on again is where
 * processors of this kind are hard to virtualize: PUSHF and POPF are allowed in every ring and then do not do what they say.
 */

/** How a build turns interrupts off and on, and how it learns about its own state. */
export interface Face {
  /** Begin a critical section: remember on the stack whether interrupts are on, and turn them off. Changes no register. */
  readonly disable: string
  /** End it: turn interrupts on again if they were on. Takes off the stack what `disable` put there. Changes flags only. */
  readonly restore: string
  /** Turn interrupts on, whatever they were. */
  readonly enable: string
  /** Turn them off, whatever they were. */
  readonly off: string
  /** A trap has come through an interrupt gate, which turned interrupts off. */
  readonly entered: string
  /** The kernel is about to return to what was interrupted; its own segments are still loaded. */
  readonly leaving: string
  /**
   * Return to where the words at ESP say. Interrupts were on there: they are in programs, the kernel is interrupted only then,
   * and it touches programs' memory only then.
   */
  readonly leave: string
  /** Routines of this build: `look`, which fills in `seen`, and what else it needs. */
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
  leave: `  iretd`,
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
  and dword [seen.inside], INTERRUPTS
  and dword [seen.after], INTERRUPTS
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
  leaving: `  mov dword [interrupts], INTERRUPTS`,
  leave: `  sti                     ; takes effect after the next instruction. Outside ring 0 IRET alone would turn nothing on
  iretd`,
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
  mov dword [interrupts], INTERRUPTS
  sti
  push dword [interrupts]
  cli
  mov dword [interrupts], 0
  mov eax, [interrupts]
  mov [seen.inside], eax
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
