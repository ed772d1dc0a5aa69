/**
 * What hostile guests share: a kernel that tries one thing after another. A fault is noted, and the next attempt begins; so a guest
 * goes through all of them, and comes to the same end wherever it runs.
 *
 *     main ──► attempt 0 ──fault──► noted ──► attempt 1 ──► … ──► HLT with interrupts off
 */
import { enterRing, type KitGate, kit } from "../kit"

/** How a guest ends when nobody stands above it. */
export type End = "halted" | "shutdown" | "reset" | "never"

/** A guest that tries to get out of its machine, or to keep others from theirs. It needs 4 MiB and knows no hypervisor. */
export interface HostileGuest {
  /** One or more words with hyphens. */
  readonly name: string
  /** What it tries, in a sentence. */
  readonly tries: string
  /** Its program as text, for `assemble`. */
  readonly source: string
  /** What a monitor must have seen of it: reasons by which it counts its exits, of which one will do. */
  readonly seenAs: readonly string[]
  /** "halted" if not said: HLT, and nothing can wake it. "never": it runs on. */
  readonly ends?: End
  /** Why its end is not the same wherever it runs, if it is not: it asks for time, for example. */
  readonly differs?: string
}

/** Exceptions that push an error code. */
const WITH_ERROR_CODE = [8, 10, 11, 12, 13, 14, 17]
/** Exceptions that ring 3 may raise by INT3, INTO and INT n. */
const BY_INT = [3, 4]
const EXCEPTIONS = Array.from({ length: 20 }, (_, vector) => vector)
/** By INT with this vector ring 3 ends an attempt that was not refused. */
const DONE = 0x8f
/** Faults that are noted one by one; all of them go into the sum. */
const NOTED = 200

const stub = (vector: number) => `fault_${vector}:
${WITH_ERROR_CODE.includes(vector) ? "" : "  push 0                  ; no error code\n"}  push ${vector}
  jmp noted`

/** The lines behind which attempts stand: the exceptions' handlers, and a GDT at the label GDT. What follows is run. */
export function prepared(gates: readonly KitGate[] = [], descriptors: readonly string[] = []): string {
  const own = new Set(gates.map(({ vector }) => vector))
  const exceptions = EXCEPTIONS.filter((vector) => !own.has(vector))
  const all = [
    ...exceptions.map((vector) => ({
      vector,
      handler: `fault_${vector}`,
      dpl: BY_INT.includes(vector) ? 3 : 0,
    })),
    { vector: DONE, handler: "done", dpl: 3 },
    ...gates,
  ]
  return `${kit({ gates: all, descriptors })}
${exceptions.map(stub).join("\n")}

noted:                    ; on the stack: vector, error code, EIP
  mov eax, DATA0
  mov ds, eax
  pop eax
  pop ecx
  pop edx
  rol dword [sum], 5      ; vector, error code and EIP of all faults
  add [sum], eax
  add [sum], ecx
  add [sum], edx
  mov ebx, [notes_used]
  cmp ebx, ${NOTED * 12}
  jae .full
  mov [notes + ebx], eax
  mov [notes + ebx + 4], ecx
  mov [notes + ebx + 8], edx
  add dword [notes_used], 12
.full:
  jmp [next]

done:                     ; an attempt in ring 3 was not refused
  mov eax, DATA0
  mov ds, eax
  jmp [next]

align 4
next: dd 0
sum: dd 0
notes_used: dd 0
notes: times ${NOTED * 3} dd 0

finish:
  cli
  hlt
  jmp finish

GDT equ 0x90000           ; in a page of its own, so that writes to it can be noticed
main:
  mov esi, gdt
  mov edi, GDT
  mov ecx, gdt_end - gdt
  rep movsb
  lgdt [own_gdt]
  jmp go_on
own_gdt: dw gdt_end - gdt - 1
  dd GDT
go_on:`
}

/** Try one thing after another in ring 0, then end. */
export const attempts = (...tries: readonly string[]) => `${attemptsOnly(2000, tries)}\n  jmp finish`

/** The same in ring 3, each as an attempt of its own. */
export const attemptsInRing3 = (...tries: readonly string[]) =>
  `${attemptsOnly(
    1000,
    tries.map((text, n) => `${enterRing(3, `outer_${n}`)}\nouter_${n}:\n${text}\n  int ${DONE}`),
  )}\n  jmp finish`

/** Attempts with numbers of their own, after which the next lines are reached. */
export const attemptsOnly = (first: number, tries: readonly string[]) =>
  tries
    .map((text, n) => `  mov dword [next], tried_${first + n}\n${text}\ntried_${first + n}:\n${ORDINARY}`)
    .join("\n")

/** Segment registers and stack, whatever an attempt left in them. */
export const ORDINARY = `  mov eax, DATA0
  mov ds, eax
  mov es, eax
  mov fs, eax
  mov gs, eax
  mov ss, eax
  mov esp, stack0`

/** A flat descriptor's eight bytes as a line of a source, from base, limit (in the unit that `flags` says) and rights. */
export const descriptor = (base: number, limit: number, access: number, flags = 0xc) =>
  `dw ${limit & 0xffff}, ${base & 0xffff}
db ${(base >>> 16) & 0xff}, ${access}, ${(flags << 4) | ((limit >>> 16) & 15)}, ${base >>> 24}`
