/** How the kernel starts: what a boot loader leaves, descriptors, gates, interrupt controllers, and the start-up report. */

const ORIGIN = 0x10_0000
const MAGIC = 0x1bad_b002
/** The header holds addresses; mem_upper is wanted. */
const DEMANDS = 0x1_0002

/** The beginning of the file: a jump, since a program without a boot loader starts at its first byte, and the Multiboot header. */
export const HEADER = `bits 32
org ${ORIGIN}
start:
  jmp boot
align 4
header:
  dd ${MAGIC}, ${DEMANDS}, ${-(MAGIC + DEMANDS) >>> 0}
  dd header, start, image_end, frames, start  ; where it is, first byte, end of the file's bytes, end of zeros, entry
`

/** What the boot loader said, then the tables, paging, devices, and the first process. */
export const BOOT = `
; A Multiboot loader: EAX holds a magic number, EBX points to what it has to say. Any other: 16 MiB and no command line.
boot:
  mov esp, boot_stack
  cld
  mov esi, no_command_line
  mov edx, 0x1000000
  cmp eax, 0x2badb002
  jne .known
  test dword [ebx], 1     ; flags: is mem_upper there?
  jz .line
  mov edx, [ebx + 8]      ; KiB above the first MiB
  shl edx, 10
  add edx, 0x100000
.line:
  test dword [ebx], 4     ; the command line?
  jz .known
  mov esi, [ebx + 16]
.known:
  mov [memory_size], edx
  cmp edx, MOST_FRAMES * PAGE
  jbe .counted
  mov edx, MOST_FRAMES * PAGE
.counted:
  and edx, -PAGE
  mov [memory_end], edx
  call read_command_line
  call serial_setup
  call make_descriptors
  call load_tables
  call map_memory
  call start_paging
  call controller_setup
  call look
  call tell_start
  call timer_setup
  jmp first_process

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

; The 8259s: lines 0-7 become vectors 20h-27h, lines 8-15 28h-2Fh, away from the processor's own. All are masked.
controller_setup:
  mov esi, .words
  mov ecx, 10
.next:
  xor edx, edx
  mov dl, [esi]
  mov al, [esi + 1]
  call port_out
  add esi, 2
  loop .next
  ret
.words:                   ; port, byte: ICW1 to ICW4 of both, then the masks
  db 0x20, 0x11, 0xa0, 0x11, 0x21, 0x20, 0xa1, 0x28, 0x21, 4, 0xa1, 2, 0x21, 1, 0xa1, 1, 0x21, 0xff, 0xa1, 0xff

; The start-up report: what was asked for, and what the kernel takes its state to be.
tell_start:
  mov esi, text_kernel
  call put_text
  mov eax, [memory_size]
  add eax, 0xfffff
  shr eax, 20
  call put_decimal
  mov esi, text_memory
  call put_text
  mov esi, [program_name]
  call put_text
  mov al, ' '
  call put_character
  mov eax, [program_size]
  call put_decimal
  mov esi, text_state
  call put_text
  mov eax, [seen.ring]
  call put_decimal
  mov esi, text_inside
  call put_text
  mov eax, [seen.inside]
  call put_yes_no
  mov esi, text_after
  call put_text
  mov eax, [seen.after]
  call put_yes_no
  mov esi, text_gdt
  mov ebx, seen.gdt
  call put_table
  mov esi, text_idt
  mov ebx, seen.idt
  call put_table
  mov esi, text_status
  mov ax, [seen.status]
  call put_word
  mov esi, text_task
  mov ax, [seen.task]
  call put_word
  jmp put_line_end

; ESI, then the base and limit at EBX.
put_table:
  call put_text
  mov eax, [ebx + 2]
  mov ecx, 8
  call put_hexadecimal
  mov al, '/'
  call put_character
  mov ax, [ebx]
  jmp put_word.digits

; ESI, then the 16 bits of AX.
put_word:
  push eax
  call put_text
  pop eax
.digits:
  mov ecx, 4
  jmp put_hexadecimal

; Whether interrupts are on in the EFLAGS in EAX.
put_yes_no:
  mov esi, text_no
  test eax, INTERRUPTS
  jz .put
  mov esi, text_yes
.put:
  jmp put_text

memory_size: dd 0
memory_end: dd 0          ; of the memory that is counted
no_command_line: db 0
text_kernel: db "kernel: ", 0
text_memory: db " MiB of memory, runs ", 0
text_state: db 10, "state: ring ", 0
text_inside: db ", interrupts on inside a critical section: ", 0
text_after: db ", after it: ", 0
text_gdt: db ", gdt ", 0
text_idt: db ", idt ", 0
text_status: db ", msw ", 0
text_task: db ", tr ", 0
text_yes: db "yes", 0
text_no: db "no", 0

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

; The only TSS: of it the processor takes the kernel stack when a trap comes from ring 3. No port is open to ring 3.
align 4
tss: dd 0, 0, KERNEL_DATA
  times 22 dd 0
  dw 0, 104
`
