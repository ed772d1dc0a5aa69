/** Programs in ring 3 that make work for processor and memory, of one kind each. */
import { call } from "./system-calls"

/** A checksum begins with this, and takes in a number n by (checksum XOR n) * 16777619: FNV-1a, a word at a time. */
export const BASIS = 0x811c_9dc5
const PRIME = 0x0100_0193

/** The line that takes the number in `register` into the checksum in EAX, or another register. */
export const take = (register: string, checksum = "esi") => `  xor ${checksum}, ${register}
  imul ${checksum}, ${checksum}, ${PRIME}`

/** Tasks. Each gets its size in EBX and its number, from 1 on, in EDX, and returns its checksum in EAX. */
export const PROGRAMS = `
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
`
