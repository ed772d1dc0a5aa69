; The monitor: runs one case after the other, and reports over the serial port what became of each.
;
; A case is a task. Its whole first state lies in the task-state segment task_a, so "jmp TASK_A:0" starts it. Each vector
; leads to a stub, INT of one vector, whose gate is a task gate back to the monitor: so the processor itself saves the state
; that the handler was entered with. The world (tables, task states, stacks, page tables) is made anew for each case.
;
; A line of the report:
; name | v0d cs=0008 ss=0010 efl=00000002 esp=000070f0 … 70f0=00000010 …
; vXX is the vector of the stub; another place is told as eip=. Registers follow that are not what the case began
; with, then cr2, cr0, cr4, dr6 and tr if they are not as they were, then the changed doublewords of the world. Of the stack in
; use, what lies below ESP is left out: nobody may rely on it.

COM1 equ 0x3f8
SNAPSHOT equ 0x50000            ; what the world was when the case began lies so much higher
MONITOR_CR3 equ 0xd000
MONITOR_TABLE equ 0xc000
; The monitor's variables and its stack, away from its code.
next equ 0x2000
task equ 0x2004
state equ 0x2008
stack_pointer equ 0x200c
seen_cr0 equ 0x2010
seen_cr2 equ 0x2014
seen_cr4 equ 0x2018
seen_dr6 equ 0x201c
monitor_stack equ 0x3000

org 0x100000
multiboot:
  dd 0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
  dd multiboot, multiboot, image_end, image_end, start
start:
  cli
  cld
  mov esp, monitor_stack
  mov al, 0xff
  out 0x21, al                  ; no interrupts but those that the cases ask for
  out 0xa1, al
  call map_monitor
  mov edi, STUBS
  mov ecx, STUBS_SIZE / 4
  mov eax, STUB + (STUB << 16)
  rep stosd
  call restore_world
  lgdt [gdt_register]
  jmp CODE0:.flat
.flat:
  mov eax, DATA0
  mov ds, eax
  mov es, eax
  mov ss, eax
  mov fs, eax
  mov gs, eax
  and byte [GDT + MONITOR_TASK + 5], 0xfd  ; LTR wants it available, and makes it busy
  mov eax, MONITOR_TASK
  ltr ax
  mov esi, cases
next_case:
  cmp byte [esi], 0
  je done
  call restore_world
  call print_text               ; the name
  mov al, ' '
  call put
  mov al, '|'
  call put
  call poke
  call copy_code
  mov [next], esi
  call take_snapshot
  call prepare
  jmp TASK_A:0
  push dword 2
  popfd                         ; NT would make a later IRET switch tasks
  mov eax, cr2
  mov [seen_cr2], eax
  mov eax, cr0
  mov [seen_cr0], eax
  mov eax, cr4
  mov [seen_cr4], eax
  mov eax, MONITOR_CR0
  mov cr0, eax
  mov eax, dr6
  mov [seen_dr6], eax
  sub eax, eax
  mov dr7, eax
  mov cr4, eax
  call report
  mov al, 10
  call put
  mov esi, [next]
  jmp next_case

done:
  mov esi, end_text
  call print_text
  mov al, 0
  out 0xf4, al                  ; QEMU's debug exit; nothing elsewhere
  cli
  hlt
  jmp $-1

MONITOR_CR0 equ 0x11

; The first 4 MiB, for the monitor while a case has paging on.
map_monitor:
  mov edi, MONITOR_TABLE
  mov eax, 3
.page:
  stosd
  add eax, 0x1000
  cmp edi, MONITOR_TABLE + 0x1000
  jb .page
  mov dword [MONITOR_CR3], MONITOR_TABLE + 3
  ret

; Tables and stacks as the image has them. Keeps ESI.
restore_world:
  push esi
  mov ebx, ranges
.range:
  mov edi, [ebx]
  mov ecx, [ebx + 4]
  mov esi, [ebx + 8]
  rep movsd
  add ebx, 12
  cmp ebx, ranges_end
  jb .range
  pop esi
  ret

; From the case: a count, then so many addresses and values. Moves ESI behind it.
poke:
  lodsd
  mov ecx, eax
  jecxz .none
.one:
  lodsd
  mov edi, eax
  lodsd
  mov [edi], eax
  loop .one
.none:
  ret

; From the case: a length, then the code. Moves ESI behind it.
copy_code:
  mov edi, CASE
  mov ecx, 64
  mov eax, 0xf4f4f4f4
  rep stosd
  mov edi, CASE
  lodsd
  mov ecx, eax
  rep movsb
  ret

take_snapshot:
  mov ebx, ranges
.range:
  mov esi, [ebx]
  lea edi, [esi + SNAPSHOT]
  mov ecx, [ebx + 4]
  rep movsd
  add ebx, 12
  cmp ebx, ranges_end
  jb .range
  or dword [GDT + TASK_A + 4 + SNAPSHOT], 0x200  ; it will be busy
  ret

; Registers that a task switch does not load.
prepare:
  lgdt [GDT_REGISTER]
  lidt [IDT_REGISTER]
  sub eax, eax
  lldt ax
  mov cr2, eax
  mov ecx, MONITOR_CR3
  mov cr3, ecx
  mov eax, 0xffff0ff0
  mov dr6, eax
  mov eax, [CASE_CR4]
  mov cr4, eax
  mov eax, [CASE_CR0]
  mov cr0, eax
  jmp .here
.here:
  ret

; The task that came here is linked to ours.
report:
  movzx eax, word [TASK_M_STATE]
  mov [task], eax
  and eax, 0xfff8
  movzx ebx, word [GDT + eax + 2]
  mov [state], ebx
  mov ebp, fields_32
  mov ecx, [ebx + 56]
  test byte [GDT + eax + 5], 8
  jnz .wide
  mov ebp, fields_16
  movzx ecx, word [ebx + 26]
.wide:
  mov [stack_pointer], ecx
  call report_place
  call report_fields
  mov ebp, seen
.seen:
  mov eax, [ebp + 4]
  mov edx, [eax]
  mov ecx, [ebp + 12]
  mov ecx, [ecx]
  xor ecx, edx
  test ecx, [ebp + 8]
  jz .same
  mov esi, ebp
  call print_field
.same:
  add ebp, 16
  cmp ebp, seen_end
  jb .seen
  jmp report_world

; The vector, if a stub was reached.
report_place:
  mov edx, [ebx + 32]
  cmp ebp, fields_32
  je .read
  movzx edx, word [ebx + 14]
.read:
  sub edx, STUBS + 2
  cmp edx, STUBS_SIZE
  jae .elsewhere
  mov al, ' '
  call put
  mov al, 'v'
  call put
  shr edx, 1
  mov ecx, 2
  call print_digits
  lea ebp, [ebp + 8]
.elsewhere:
  ret

; EBP: fields, EBX: the task's state. A field that is what it was is left out, unless it is wanted always.
report_fields:
  mov edi, [ebp + 4]            ; offset, always, width
  movzx eax, di
  mov edx, [ebx + eax]
  mov ecx, [ebx + eax + SNAPSHOT]
  test edi, 0x200000
  jz .wide
  movzx edx, dx
  movzx ecx, cx
.wide:
  test edi, 0x100000
  jnz .show
  cmp edx, ecx
  je .same
.show:
  mov esi, ebp
  call print_field
.same:
  add ebp, 8
  cmp byte [ebp], 0
  jne report_fields
  ret

; ESI: four letters. EDX: value. Prints " abc=01234567".
print_field:
  push ecx
  mov al, ' '
  call put
  mov ecx, 4
.letter:
  lodsb
  cmp al, ' '
  je .skip
  call put
.skip:
  loop .letter
  mov al, '='
  call put
  mov ecx, 8
  call print_digits
  pop ecx
  ret

report_world:
  mov ebx, ranges
.range:
  mov edi, [ebx]
  mov ecx, [ebx + 4]
.more:
  jecxz .next
  lea esi, [edi + SNAPSHOT]
  repe cmpsd
  je .next
  call report_change
  jmp .more
.next:
  add ebx, 12
  cmp ebx, ranges_end
  jb .range
  ret

; The doubleword before EDI is another one than it was.
report_change:
  lea edx, [edi - 4]
  mov eax, edx
  sub eax, [state]
  cmp eax, TASK_SIZE
  jb .ours                      ; what the task saved is told above
  mov eax, edx
  sub eax, TASK_M_STATE
  cmp eax, TASK_SIZE
  jb .ours
  mov esi, [stack_pointer]
  mov eax, esi
  dec eax
  xor eax, edx
  test eax, 0xffffff00
  jnz .show
  cmp edx, esi
  jb .ours
.show:
  push ecx
  mov al, ' '
  call put
  mov ecx, 5
  call print_digits
  mov al, '='
  call put
  mov edx, [edi - 4]
  mov ecx, 8
  call print_digits
  pop ecx
.ours:
  ret

; EDX: number, ECX: how many of its hexadecimal digits, 1 to 8.
print_digits:
  mov eax, 8
  sub eax, ecx
  shl eax, 2
  xchg eax, ecx
  rol edx, cl
  xchg eax, ecx
.digit:
  rol edx, 4
  mov eax, edx
  and eax, 15
  mov al, [digits + eax]
  call put
  loop .digit
  ret

; ESI: text, ends with 0.
print_text:
  lodsb
  test al, al
  jz .end
  call put
  jmp print_text
.end:
  ret

put:
  push edx
  push eax
  mov edx, COM1 + 5
.wait:
  in al, dx
  test al, 0x20
  jz .wait
  pop eax
  mov edx, COM1
  out dx, al
  pop edx
  ret

; Four letters; the offset in the task state, + ALWAYS if it is told always, + NARROW if it has 16 bits.
ALWAYS equ 0x100000
NARROW equ 0x200000
fields_32:
  dd 'eip ', 32 + ALWAYS, 'cs  ', 76 + ALWAYS, 'ss  ', 80 + ALWAYS, 'efl ', 36 + ALWAYS, 'esp ', 56 + ALWAYS
  dd 'eax ', 40, 'ecx ', 44, 'edx ', 48, 'ebx ', 52, 'ebp ', 60, 'esi ', 64, 'edi ', 68
  dd 'es  ', 72, 'ds  ', 84, 'fs  ', 88, 'gs  ', 92, 0
fields_16:
  dd 'ip  ', 14 + ALWAYS + NARROW, 'cs  ', 36 + ALWAYS + NARROW, 'ss  ', 38 + ALWAYS + NARROW, 'fl  ', 16 + ALWAYS + NARROW
  dd 'sp  ', 26 + ALWAYS + NARROW, 'ax  ', 18 + NARROW, 'cx  ', 20 + NARROW, 'dx  ', 22 + NARROW, 'bx  ', 24 + NARROW
  dd 'bp  ', 28 + NARROW, 'si  ', 30 + NARROW, 'di  ', 32 + NARROW, 'es  ', 34 + NARROW, 'ds  ', 40 + NARROW, 0

; Four letters, where the value is, which bits count, where the usual value is. Every task switch sets CR0.TS.
seen:
  dd 'cr2 ', seen_cr2, -1, zero
  dd 'cr0 ', seen_cr0, ~8, CASE_CR0
  dd 'cr4 ', seen_cr4, -1, CASE_CR4
  dd 'dr6 ', seen_dr6, -1, usual_dr6
  dd 'tr  ', task, -1, usual_task
seen_end:
usual_dr6: dd 0xffff0ff0
usual_task: dd TASK_A
zero: dd 0

digits: db '0123456789abcdef'
end_text: db 'end', 10, 0
gdt_register: dw GDT_LIMIT
  dd GDT
