/**
 * The programs: what runs in ring 3. The first process, init, starts a process for each task of the program that was asked for,
 * waits for them in their order, and writes a line for each: so the text does not depend on who ran when.
 */
import { call } from "./system-calls"

/** A checksum begins with this, and takes in a number n by (checksum XOR n) * 16777619: FNV-1a, a word at a time. */
const BASIS = 0x811c_9dc5
const PRIME = 0x0100_0193

/** The line that takes the number in `register` into the checksum in EAX, or another register. */
const take = (register: string, checksum = "esi") => `  xor ${checksum}, ${register}
  imul ${checksum}, ${checksum}, ${PRIME}`

/** What init is, and what the tasks are. A task gets its size in EBX and its number, from 1 on, in EDX; EAX is its checksum. */
export const PROGRAMS = `
; init: EAX says which program, EBX its size. At HEAP are the pids of its tasks, at HEAP + 40h a status, behind it a line.
init:
  mov esi, [programs + eax * 4]
  mov ebp, ebx
  xor edi, edi            ; tasks so far
.start:
  cmp dword [esi + edi * 8], 0
  je .wait
  lea edx, [edi + 1]
${call("fork")}
  test eax, eax
  jz .task
  mov [HEAP + edi * 4], eax
  inc edi
  jmp .start
.task:
  movzx ebx, word [esi + edi * 8 + 6]  ; its share of the size
  imul ebx, ebp
  call [esi + edi * 8]
  mov ebx, eax
${call("exit")}

.wait:
  xor edi, edi
.next:
  cmp dword [esi + edi * 8], 0
  je .end
  mov ebx, [HEAP + edi * 4]
  mov ecx, HEAP + 0x40
${call("wait")}
  push esi
  push edi
  call tell_task
  pop edi
  pop esi
  inc edi
  jmp .next
.end:
  xor ebx, ebx
${call("exit")}

; Write the line of the task EDI of the list ESI: number, name, and the checksum, or a dash if the kernel has ended it (EAX).
tell_task:
  mov ebp, eax
  movzx esi, word [esi + edi * 8 + 4]
  add esi, user_code      ; its name
  lea eax, [edi + 1]
  mov edi, HEAP + 0x80
  aam                     ; two decimal digits: AH, AL
  xchg al, ah
  add ax, '00'
  stosw
  mov al, ' '
  stosb
.name:
  lodsb
  stosb
  test al, al
  jnz .name
  dec edi
  mov ax, ': '
  stosw
  mov al, '-'
  cmp ebp, -1
  jne .last
  mov ebx, [HEAP + 0x40]
  mov ecx, 8
.digit:
  rol ebx, 4
  mov al, bl
  and al, 15
  cmp al, 10
  sbb al, 0x69
  das                     ; '0' to '9', 'A' to 'F'
  or al, 0x20             ; 'a' to 'f'; digits have the bit already
  stosb
  loop .digit
  jmp .write
.last:
  stosb
.write:
  mov al, 10
  stosb
  mov ebx, HEAP + 0x80
  mov ecx, edi
  sub ecx, ebx
${call("write")}
  ret

; Compute: numbers of Marsaglia's xorshift, which begins with the task's number. It never calls the kernel.
compute:
  imul ebx, ebx, 10000
  mov esi, ${BASIS}
  mov eax, edx
.next:
  mov ecx, eax
  shl ecx, 13
  xor eax, ecx
  mov ecx, eax
  shr ecx, 17
  xor eax, ecx
  mov ecx, eax
  shl ecx, 5
  xor eax, ecx
${take("eax")}
  dec ebx
  jnz .next
  mov eax, esi
  ret

; System calls: getpid, whose answer says only that there is one, and brk with 0, which says where the heap ends.
calls:
  imul ebx, ebx, 500
  mov esi, ${BASIS}
.next:
  push ebx
${call("getpid")}
  cmp eax, 1
  sbb eax, eax            ; 0, or -1 if the pid is 0
${take("eax")}
  xor ebx, ebx
${call("brk")}
${take("eax")}
  pop ebx
  dec ebx
  jnz .next
  mov eax, esi
  ret

; Fork and wait: the child changes a word of its memory and tells it; the parent's must stay as it was.
forks:
  imul ebx, ebx, 10
  mov esi, ${BASIS}
.next:
  mov [HEAP + 0x100], ebx
${call("fork")}
  test eax, eax
  jz .child
  push ebx
  mov ebx, eax
  mov ecx, HEAP + 0x104
${call("wait")}
  pop ebx
  mov eax, [HEAP + 0x104]
${take("eax")}
  mov eax, [HEAP + 0x100]
${take("eax")}
  dec ebx
  jnz .next
  mov eax, esi
  ret
.child:
  imul ebx, ebx, 3
  add [HEAP + 0x100], ebx
  mov ebx, [HEAP + 0x100]
${call("exit")}

; Page faults: 16 new pages are written, then written again by a child, whose sum the parent takes, and are given back.
faults:
  mov esi, ${BASIS}
.next:
  push ebx
  push edx
  mov ebx, HEAP + 0x11000
${call("brk")}
  mov ecx, 16
  mov edi, HEAP + 0x1000
.zeros:
  mov eax, [edi]          ; a new page is zeros
${take("eax")}
  add edx, 7
  mov [edi], edx
  add edi, 0x1000
  loop .zeros
${call("fork")}
  mov ebx, eax
  mov edi, HEAP + 0x1000
  mov edx, 16
  xor ecx, ecx
  test ebx, ebx
  jz .child
  mov ecx, HEAP + 0x104
${call("wait")}
  mov eax, [HEAP + 0x104]
${take("eax")}
.look:
  mov eax, [edi]
${take("eax")}
  add edi, 0x1000
  dec edx
  jnz .look
  mov ebx, HEAP + 0x1000
${call("brk")}
  pop edx
  pop ebx
  dec ebx
  jnz .next
  mov eax, esi
  ret
.child:
  inc dword [edi]
  add ecx, [edi]
  add edi, 0x1000
  dec edx
  jnz .child
  mov ebx, ecx
${call("exit")}

; Page tables: four pages go round, two at a time, by exchange; what is at one address is another page each time.
tables:
  imul ebx, ebx, 200
  mov esi, ${BASIS}
  mov ebp, ebx
  mov ebx, HEAP + 0x5000
${call("brk")}
  mov ecx, 4
.fill:
  mov eax, ecx
  shl eax, 12
  mov [HEAP + eax], ecx
  loop .fill
.next:
  mov edi, ebp
  and edi, 3
  lea ebx, [edi + 1]
  inc edi
  and edi, 3
  lea ecx, [edi + 1]
  shl ebx, 12
  shl ecx, 12
  add ebx, HEAP
  add ecx, HEAP
${call("exchange")}
  mov eax, [HEAP + 0x1000]
${take("eax")}
  dec ebp
  jnz .next
  mov eax, esi
  ret

; Changes to another process: yield.
switches:
  imul ebx, ebx, 200
  mov esi, ${BASIS}
.next:
${call("yield")}
${take("ebx")}
  dec ebx
  jnz .next
  mov eax, esi
  ret

; Ports, by way of the kernel: what is written to the serial port's scratch register is read again.
ports:
  imul ebx, ebx, 100
  mov esi, ${BASIS}
.next:
${call("port")}
${take("eax")}
  dec ebx
  jnz .next
  mov eax, esi
  ret

; The timer: sleep for a tick.
timer:
  mov esi, ${BASIS}
.next:
  push ebx
  mov ebx, 1
${call("sleep")}
  pop ebx
${take("ebx")}
  dec ebx
  jnz .next
  mov eax, esi
  ret
`
