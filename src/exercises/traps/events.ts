/** What can take a program to a handler, for the exercises to choose from. */
import type { KitGate } from "../../guests/kit"

/** A program's way into a handler. */
export interface TrapEvent {
  /** "#DE", "INT 80h" …: how the text calls it. */
  readonly name: string
  /** Vector whose handler is entered. */
  readonly vector: number
  readonly kind: "fault" | "trap"
  /** Rings in which it goes this way. */
  readonly rings: readonly number[]
  /** Instructions that prepare it. */
  readonly before: readonly string[]
  /** The instruction that does it. */
  readonly line: string
  /** Gates beside the handler's. */
  readonly gates?: readonly KitGate[]
  /** Of the handler's gate; 3 if not said, so that INT n may use it. */
  readonly dpl?: number
}

const ALL = [0, 1, 2, 3]
const OUTER = [1, 2, 3]
const gp = (line: string, before: readonly string[] = [], rings = OUTER): TrapEvent => ({
  name: "#GP",
  vector: 13,
  kind: "fault",
  rings,
  before,
  line,
})

/** `pair` is two doublewords, 0 and 5; vectors 21h and 30h and above are free for INT n. */
export const TRAP_EVENTS: readonly TrapEvent[] = [
  { name: "#DE", vector: 0, kind: "fault", rings: ALL, before: ["xor ecx, ecx"], line: "div ecx" },
  { name: "#BR", vector: 5, kind: "fault", rings: ALL, before: ["mov eax, 9"], line: "bound eax, [pair]" },
  { name: "#UD", vector: 6, kind: "fault", rings: ALL, before: [], line: "ud2" },
  { name: "#BP", vector: 3, kind: "trap", rings: ALL, before: [], line: "int3" },
  { name: "#OF", vector: 4, kind: "trap", rings: ALL, before: ["mov al, 127", "add al, 1"], line: "into" },
  { name: "INT 30h", vector: 0x30, kind: "trap", rings: ALL, before: [], line: "int 0x30" },
  { name: "INT 80h", vector: 0x80, kind: "trap", rings: ALL, before: [], line: "int 0x80" },
  {
    name: "#DB",
    vector: 1,
    kind: "trap",
    rings: ALL,
    before: ["pushfd", "or dword [esp], 0x100 ; TF: single step", "popfd"],
    line: "inc edx",
  },
  gp("hlt"),
  gp("cli"),
  gp("in al, 0x60"),
  gp("mov eax, cr0"),
  gp("lidt [pair]"),
  gp("mov ds, eax", ["mov eax, 0x1000        ; beyond the GDT"], ALL),
  { ...gp("int 0x21"), gates: [{ vector: 0x21, handler: "handler" }] },
]

/** Instructions that disturb nothing, of different lengths. */
export const FILLERS = [
  "nop",
  "inc ebx",
  "mov ebx, 5",
  "add ebx, 3",
  "xor esi, esi",
  "lea edi, [ebx + 4]",
  "mov [pair + 8], ebx",
  "test ebx, ebx",
]
