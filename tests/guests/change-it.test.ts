import { describe, expect, test } from "vitest"
import { Lesson } from "./lesson"

/** What a lesson suggests to change, and what the sentences of the run say then. */
interface Suggestion {
  /** The id of the code cell that is changed. */
  readonly code: string
  readonly from: string
  readonly to: string
  readonly said: RegExp
}

const WELCOME: readonly Suggestion[] = [
  {
    code: "first-program",
    from: "enterRing(3,",
    to: "enterRing(0,",
    said: /Ring 0 ran “mov eax, 42”.*Ring 0 ran “hlt”/,
  },
  {
    code: "first-program",
    from: "hlt ",
    to: "nop ",
    said: /Ring 3 ran “mov ebx, eax”.*Ring 3 tried “hlt”.*Ring 0 ran “mov ebx, eax”.*Ring 0 ran “hlt”/,
  },
  {
    code: "first-program",
    from: '{ gates: [{ vector: 13, handler: "refused" }] }',
    to: "",
    said: /the processor shut down/,
  },
]

const JUMP = { code: "walk-outwards", from: "jmp CODE0:main" }
const UMIP = "mov eax, cr4\n  or eax, 0x800\n  mov cr4, eax\n  "

const RINGS: readonly Suggestion[] = [
  { ...JUMP, to: "jmp CODE1:ring1", said: /tried “jmp CODE1:ring1”.*#GP\(0018h\).*Ring 0 ran “hlt”/ },
  { ...JUMP, to: "jmp CODE3:refused", said: /ran “jmp CODE3:refused”.*Ring 3 tried “hlt”.*Ring 0 ran “hlt”/ },
  {
    code: "control-registers",
    from: "mov eax, cr0 ",
    to: `${UMIP}mov eax, cr0 `,
    said: /tried “smsw ebx”.*CR4\.UMIP.*Ring 0 ran “hlt”/,
  },
  {
    code: "popf-in-ring-1",
    from: '"kernel", 0x202',
    to: '"kernel", 0x1202',
    said: /Ring 1 ran “popfd”\. Flag IF changed from 1 to 0/,
  },
  {
    code: "ports",
    from: "ports: [0x3f8]",
    to: "ports: [0x3f8, 0x3f9]",
    said: /ran “out dx, ax”\. It wrote 2121h to port 3F8h/,
  },
]

const TRAPS: readonly Suggestion[] = [
  {
    code: "gate-dpl-cell",
    from: '"general_protection" }',
    to: '"general_protection", dpl: 3 }',
    said: /ran “int 13”\. That is a trap.*“pop eax”.*“hlt”/,
  },
]

describe.each([
  { name: "00-welcome", suggestions: WELCOME },
  { name: "02-rings", suggestions: RINGS },
  { name: "03-traps", suggestions: TRAPS },
])("what $name suggests to change shows what it is meant to show", ({ name, suggestions }) => {
  test.each(suggestions)("$code: $from becomes $to", ({ code, from, to, said }) => {
    const recording = new Lesson(name, { [code]: [[from, to]] }).recording(code)
    const steps = Array.from({ length: Math.min(60, recording.steps) }, (_, n) => n + 1)
    expect(steps.map((step) => recording.frame(step).sentence).join(" ")).toMatch(said)
  })
})
