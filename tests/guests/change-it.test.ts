import { describe, expect, test } from "vitest"
import { Lesson } from "./lesson"

/** What a lesson suggests to change, and what the sentences of the run say that a cell, this one if not said, shows then. */
type Suggestion = readonly [code: string, from: string, to: string, said: RegExp, shown?: string]

const WELCOME: readonly Suggestion[] = [
  ["first-program", "mov ecx, 4", "mov ecx, 10", /int 0x80.*hlt/],
  ["first-program", "  cli ", "  nop ", /Ring 3 ran “nop”.*int 0x80.*hlt/],
  ["first-program", "enterRing(3,", "enterRing(0,", /Ring 0 ran “cli”.*int 0x80.*hlt/],
]

const RINGS: readonly Suggestion[] = [
  ["walk-outwards", "jmp CODE0:main", "jmp CODE1:ring1", /jmp CODE1:ring1.*#GP\(0018h\).*Ring 0 ran “hlt”/],
  [
    "walk-outwards",
    "jmp CODE0:main",
    "jmp CODE3:refused",
    /ran “jmp CODE3:refused”.*Ring 3 tried “hlt”.*Ring 0 ran “hlt”/,
  ],
  [
    "control-registers",
    "mov eax, cr0 ",
    "mov eax, cr4\n  or eax, 0x800\n  mov cr4, eax\n  mov eax, cr0 ",
    /tried “smsw ebx”.*CR4\.UMIP.*Ring 0 ran “hlt”/,
  ],
  [
    "popf-in-ring-0",
    '"kernel", 0x202',
    '"kernel", 0x1202',
    /popfd”\. IF changed from 1 to 0.*hlt/,
    "popf-in-ring-1",
  ],
  ["ports", "ports: [0x3f8]", "ports: [0x3f8, 0x3f9]", /out dx, ax”\. It wrote 2121h to port 3F8h/],
]

const TRAPS: readonly Suggestion[] = [
  ["gate-dpl-cell", '"general_protection" }', '"general_protection", dpl: 3 }', /int 13.*trap.*pop eax.*hlt/],
]

describe.each([
  ["00-welcome", WELCOME],
  ["02-rings", RINGS],
  ["03-traps", TRAPS],
] as const)(
  "what %s suggests to change can be changed, and shows what it is meant to show",
  (name, suggestions) => {
    test.each(suggestions)("%s: %s becomes %s", (code, from, to, said, shown = code) => {
      const recording = new Lesson(name, { [code]: [from, to] }).recording(shown)
      const steps = Array.from({ length: Math.min(60, recording.steps) }, (_, n) => n + 1)
      expect(steps.map((step) => recording.frame(step).sentence).join(" ")).toMatch(said)
    })
  },
)
