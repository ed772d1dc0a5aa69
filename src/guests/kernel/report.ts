/** Reports: text and numbers in turn, as rows of a table that the kernel goes through. */

/** How a number is written: so many hexadecimal digits, or one of these. */
export const AS = { decimal: 0, yesNo: 9, text: 10, nothing: 11 } as const

/** A row: text, where the number behind it lies, and how it is written. */
export type ReportRow = readonly [text: string, number?: string, as?: number]

/** The table of a report, to be put by `put_report`. An address in a row is counted from EBP, which is 0 for the kernel's own. */
export function report(label: string, rows: readonly ReportRow[]): string {
  const texts = rows.map(([text], n) => `.text${n}: db ${bytes(text)}, 0`)
  const table = rows.map(([, number = "0", as = AS.nothing], n) => `  dd ${label}.text${n}, ${number}, ${as}`)
  return `${label}:\n${table.join("\n")}\n  dd 0\n${texts.join("\n")}`
}

/** A string for DB, in which the end of a line is 10. */
const bytes = (text: string) =>
  text
    .split(/(\n)/)
    .filter((part) => part !== "")
    .map((part) => (part === "\n" ? "10" : `"${part}"`))
    .join(", ")

/** The routine that puts reports, and those for text and numbers. */
export const REPORTS = `
; Put the report at EBX; addresses in it are counted from EBP.
put_report:
  mov esi, [ebx]
  test esi, esi
  jz put_text.done
  call put_text
  mov eax, [ebx + 4]
  mov ecx, [ebx + 8]
  cmp ecx, ${AS.nothing}
  je .next
  mov eax, [ebp + eax]
  call put_number
.next:
  add ebx, 12
  jmp put_report

; Put the text at ESI, up to its zero.
put_text:
  xor ecx, ecx
.next:
  cmp byte [esi + ecx], 0
  je console_put
  inc ecx
  jmp .next
.done:
  ret

; Put EAX: ECX is the number of hexadecimal digits, or 0 for a decimal number, 9 for yes or no, 10 for the text that it points
; to. Digits come from the right and go to the stack.
put_number:
  mov esi, eax
  cmp ecx, ${AS.text}
  je put_text
  mov esi, text_no
  cmp ecx, ${AS.yesNo}
  je .yes_no
  push ebx
  push ebp
  mov ebp, esp
  sub esp, 16
  mov esi, ebp
  mov ebx, ecx
  mov edi, 16
  test ecx, ecx
  jnz .next
  mov edi, 10
.next:
  xor edx, edx
  div edi
  mov dl, [digits + edx]
  dec esi
  mov [esi], dl
  dec ebx
  jg .next                ; more hexadecimal digits are wanted
  jz .put                 ; … and no more
  test eax, eax
  jnz .next
.put:
  mov ecx, ebp
  sub ecx, esi
  call console_put
  mov esp, ebp
  pop ebp
  pop ebx
  ret
.yes_no:
  test eax, eax
  jz put_text
  mov esi, text_yes
  jmp put_text
digits: db "0123456789abcdef"
text_yes: db "yes", 0
text_no: db "no", 0
`
