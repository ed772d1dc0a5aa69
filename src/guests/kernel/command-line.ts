/** Which program the command line asks for: the first word that is a program's name, and the number behind it. */

/** A size that is still sensible. */
const MOST_SIZE = 9999

/** Programs that there are, by the words that name them. */
export const commandLine = (names: readonly string[], byDefault: readonly [name: string, size: number]) => `
program: dd ${names.indexOf(byDefault[0])}
program_name: dd name_${byDefault[0]}
program_size: dd ${byDefault[1]}

; Read the command line at ESI. Other words are passed over: boot loaders put the kernel's own name in front.
read_command_line:
  lodsb
  cmp al, ' '
  je read_command_line
  test al, al
  jz .done
  dec esi
  xor edx, edx            ; which name is tried
.try:
  mov edi, [names + edx * 4]
  test edi, edi
  jz .pass
  mov ebx, esi
.letter:
  mov al, [edi]
  test al, al
  jz .name_ends
  cmp al, [ebx]
  jne .other
  inc edi
  inc ebx
  jmp .letter
.name_ends:
  cmp byte [ebx], ' '     ; the word must end, too
  jbe .found
.other:
  inc edx
  jmp .try
.pass:                    ; to the end of the word
  cmp byte [esi], ' '
  jbe read_command_line
  inc esi
  jmp .pass
.found:
  mov [program], edx
  mov eax, [names + edx * 4]
  mov [program_name], eax
  mov esi, ebx
  call read_number
  mov [program_size], ecx
.done:
  ret

; The decimal number at ESI, behind spaces: ECX, from 1 to ${MOST_SIZE}; 1 if there is none.
read_number:
  xor ecx, ecx
.space:
  cmp byte [esi], ' '
  jne .digit
  inc esi
  jmp .space
.digit:
  xor eax, eax
  mov al, [esi]
  sub eax, '0'
  cmp eax, 9
  ja .end
  imul ecx, ecx, 10
  add ecx, eax
  inc esi
  cmp ecx, ${MOST_SIZE}
  jb .digit
  mov ecx, ${MOST_SIZE}
.end:
  cmp ecx, 1
  adc ecx, 0              ; 0 becomes 1
  ret

${names.map((name) => `name_${name}: db "${name}", 0`).join("\n")}
align 4
names: dd ${names.map((name) => `name_${name}`).join(", ")}, 0
`
