/**
 * The first process, in ring 3: it starts a process for each task of the program that was asked for, waits for them in their
 * order, and writes a line for each, so that the text does not depend on who ran when.
 */
import { call } from "./system-calls"

/** The first process. */
export const INIT = `
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
  mov eax, ebx
  and eax, 15
  mov al, [.digits + eax]
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
.digits: db "0123456789abcdef"
`
