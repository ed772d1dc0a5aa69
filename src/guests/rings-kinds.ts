/**
 * The four kinds of instruction, found out by running each in ring 0 and outside it.
 * The rule is Popek and Goldberg's question in small: does anything tell a program which ring it is in, or whose kernel
 * it runs on, without a fault that would let somebody step in?
 */
import { Stage, type Tried, type Visit } from "./rings"

/** One instruction to try. */
export interface Attempt {
  /** What readers call it. */
  readonly name: string
  /** Lines that run in the same ring before it. */
  readonly before: readonly string[]
  readonly instruction: string
}

/** What becomes of an instruction outside ring 0. */
type Kind = "privileged" | "IOPL-sensitive" | "privileged without exception" | "non-privileged"

/** A kind and what it rests on. */
export interface Verdict {
  readonly kind: Kind
  /** What was seen, in a sentence. */
  readonly why: string
  /** Ring 0; the outer ring with IOPL 0; the outer ring with IOPL 3. */
  readonly runs: readonly [kernel: Tried, closed: Tried, open: Tried]
}

const attempt = (instruction: string, ...before: string[]): Attempt => {
  const name = instruction.replace(/\b(dx|al)\b/g, (register) => register.toUpperCase())
  return { name, before, instruction }
}

const KERNEL_DATA = "mov ecx, DATA0"

/** The instructions by what they have to do with. */
export const ATTEMPTS: Readonly<Record<string, readonly Attempt[]>> = {
  "flags and interrupts": [
    attempt("cli"),
    attempt("sti"),
    attempt("hlt"),
    attempt("pushfd"),
    attempt("popfd", "push 0x3202"),
    attempt("iretd", "push 0x3202", "push cs", "push .next"),
  ],
  "control registers": [
    attempt("mov eax, cr0"),
    attempt("mov cr0, eax", "mov eax, 0x11"),
    attempt("mov cr3, eax"),
    attempt("clts"),
    attempt("lmsw ax", "mov eax, 1"),
    attempt("smsw eax"),
  ],
  "descriptor tables": [
    attempt("lgdt [gdt_register]"),
    attempt("lidt [idt_register]"),
    attempt("lldt ax", "mov eax, 0x78"),
    attempt("ltr ax", "mov eax, 0x70"),
    attempt("sgdt [scratch]"),
    attempt("sidt [scratch]"),
    attempt("sldt eax"),
    attempt("str eax"),
  ],
  "segments and their rights": [
    attempt("push cs"),
    attempt("mov eax, cs"),
    attempt("lar eax, ecx", KERNEL_DATA),
    attempt("lsl eax, ecx", KERNEL_DATA),
    attempt("verr cx", KERNEL_DATA),
    attempt("verw cx", KERNEL_DATA),
  ],
  ports: [
    attempt("in al, dx", "mov edx, 0x3f8"),
    attempt("out dx, al", "mov edx, 0x3f8"),
    attempt("insb", "mov edx, 0x3f8", "mov edi, scratch"),
    attempt("outsb", "mov edx, 0x3f8", "mov esi, scratch"),
  ],
  "caches, debugging, identification": [
    attempt("invlpg [scratch]"),
    attempt("wbinvd"),
    attempt("mov dr7, eax", "mov eax, 0x400"),
    attempt("rdmsr", "mov ecx, 0x10"),
    attempt("cpuid"),
  ],
  "ordinary work": [
    attempt("add eax, ecx", "mov ecx, 5"),
    attempt("mov [scratch], eax", "mov eax, 7"),
    attempt("push eax"),
    attempt("loop .next", "mov ecx, 3"),
    attempt("stc"),
  ],
}

/** A stage with attempts on it, ready to be run in any ring. */
export class KindStage {
  private readonly stage: Stage

  constructor(private readonly attempts: readonly Attempt[]) {
    this.stage = new Stage(attempts.map(lines).join("\n"))
  }

  /** Run one attempt. @throws RangeError if it is not on this stage */
  run(tried: Attempt, to: Visit): Tried {
    const label = `try${this.attempts.indexOf(tried)}`
    return this.stage.try(label, to, `${label}.here`)
  }

  /** Which kind an instruction is, seen from an outer ring. */
  kind(tried: Attempt, ring: number): Verdict {
    const kernel = this.run(tried, { ring: 0, iopl: 0 })
    const closed = this.run(tried, { ring, iopl: 0 })
    const open = this.run(tried, { ring, iopl: 3 })
    const other = this.run(tried, { ring, iopl: 0, interrupts: true, otherKernel: true })
    return { ...judge({ kernel, closed, open, other }, ring), runs: [kernel, closed, open] }
  }
}

function lines({ before, instruction }: Attempt, n: number): string {
  return [
    `try${n}:`,
    ...before.map((line) => `  ${line}`),
    ".here:",
    `  ${instruction}`,
    ".next:",
    "  nop",
  ].join("\n")
}

type Runs = Readonly<Record<"kernel" | "closed" | "open" | "other", Tried>>

function judge({ kernel, closed, open, other }: Runs, ring: number): Pick<Verdict, "kind" | "why"> {
  if (closed.fault && open.fault)
    return { kind: "privileged", why: `${closed.fault.name}: ${closed.fault.says}` }
  if (closed.fault)
    return { kind: "IOPL-sensitive", why: `${closed.fault.name} with IOPL 0; completes with IOPL 3` }
  const kind = "privileged without exception"
  const [here, atHome] = differences(closed, kernel)
  if (here !== atHome) return { kind, why: `No fault. Ring 0 gets ${atHome}; ring ${ring} gets ${here}` }
  const [mine, theirs] = differences(closed, other)
  if (mine !== theirs)
    return {
      kind,
      why: `No fault, but the kernel's state shows: ${mine} here, and under a kernel with other tables and flags ${theirs}`,
    }
  return { kind: "non-privileged", why: `The same in ring 0 and in ring ${ring}` }
}

/** What each of two runs did that the other did not. */
function differences(a: Tried, b: Tried): [string, string] {
  const only = (one: Tried, other: Tried) =>
    one.effects.filter((effect) => !other.effects.includes(effect)).join(", ") || "no such effect"
  return [only(a, b), only(b, a)]
}
