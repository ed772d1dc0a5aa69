/** Descriptors: segments, the task-state segment, and a gate for each vector. */

/** They stand at the beginning of the kernel, so that their addresses stay when the rest of it changes. */
export const DESCRIPTORS = `
align 8
gdt: dq 0                 ; each flat, base 0, limit 4 GiB
  dw 0xffff, 0, 0x9a00, 0xcf  ; 08 kernel code
  dw 0xffff, 0, 0x9200, 0xcf  ; 10 kernel data
  dw 0xffff, 0, 0xfa00, 0xcf  ; 18 user code, DPL 3
  dw 0xffff, 0, 0xf200, 0xcf  ; 20 user data, DPL 3
  dw 103, 0, 0x8900, 0        ; 28 TSS; its base is filled in
gdt_end:
gdt_register: dw gdt_end - gdt - 1
  dd gdt
idt_register: dw idt_end - idt - 1
  dd idt

; The GDT's page has nothing in it that is written again and again, as in Linux. In the next one comes
; the only TSS: of it the processor takes the kernel stack when a trap comes from ring 3. No port is open to ring 3.
align 4096
tss: dd 0, 0, KERNEL_DATA
  times 22 dd 0
  dw 0, 104
`

/** Fills in what is known only when the kernel was put together. */
export const MAKE_DESCRIPTORS = `
; The TSS's base, in pieces, into its descriptor; a gate for each stub. DPL 3 lets programs use INT 80h, and no other.
make_descriptors:
  mov eax, tss
  mov [gdt + TASK + 2], ax
  shr eax, 16
  mov [gdt + TASK + 4], al
  mov [gdt + TASK + 7], ah
  mov esi, stubs
  mov edi, idt
.next:
  lodsd
  mov ecx, 0x8e00         ; present, DPL 0, interrupt gate
  call make_gate
  cmp esi, stubs_end
  jb .next
  mov eax, trap_80
  mov ecx, 0xee00         ; DPL 3
  mov edi, idt + 0x80 * 8

; A gate to EAX at EDI, with the access byte in CH; EDI goes on to the next.
;
;   63           48 47    40 39     32 31          16 15           0
;  +---------------+--------+---------+--------------+--------------+
;  | offset 31..16 | access |    0    |   selector   | offset 15..0 |
;  +---------------+--------+---------+--------------+--------------+
make_gate:
  mov [edi], ax
  mov word [edi + 2], KERNEL_CODE
  mov [edi + 4], cx
  shr eax, 16
  mov [edi + 6], ax
  add edi, 8
  ret
`
