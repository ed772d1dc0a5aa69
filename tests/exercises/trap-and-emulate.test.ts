import { expect, test, vi } from "vitest"
import type { Question } from "../../src/exercises/exercise"
import { TRAP_AND_EMULATE_EXERCISES } from "../../src/exercises/trap-and-emulate"
import { YOU_ARE_THE_MONITOR } from "../../src/exercises/trap-and-emulate/you-are-the-monitor"
import { asker, describeLaws, rightOnes, SEEDS, SLOW } from "./laws"

vi.setConfig({ testTimeout: SLOW })

/** What each exercise knows of how people think; every one must show up within the seeds. */
const MISCONCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  "trap-and-emulate/exits": [
    "all-fail-in-silence",
    "exception-is-an-error",
    "guest-idt-is-the-real-one",
    "kernel-means-sensitive",
    "monitor-does-the-kernels-work",
    "monitor-runs-beside",
    "monitor-runs-beside-handlers",
    "no-trap-no-difference",
    "ring-1-is-a-bit-of-ring-0",
    "sensitive-means-fault",
    "sensitive-means-privileged",
    "trap-needs-a-device",
  ],
  "trap-and-emulate/ring": [
    "a-ring-further",
    "application-moved-too",
    "believes-means-is",
    "kernel-in-ring-3",
    "monitor-runs-beside",
    "ring-0-in-a-virtual-machine",
  ],
  "trap-and-emulate/lanes": [
    "guest-idt-is-the-real-one",
    "monitor-does-the-kernels-work",
    "monitor-runs-beside",
    "return-is-direct",
    "ring-1-is-a-bit-of-ring-0",
    "sensitive-means-privileged",
  ],
  "trap-and-emulate/count": [
    "counts-one-call",
    "monitor-runs-beside",
    "only-the-call",
    "return-is-direct",
    "ring-1-is-a-bit-of-ring-0",
    "sensitive-means-privileged",
    "trap-needs-a-device",
  ],
  "trap-and-emulate/told": [
    "all-reads-are-real",
    "exception-is-an-error",
    "hidden-reads-zero",
    "monitor-answers-everything",
    "sensitive-means-privileged",
    "virtual-is-empty",
  ],
  "trap-and-emulate/registers": [
    "all-registers-are-virtual",
    "guest-gdt-is-the-real-one",
    "guest-idt-is-the-real-one",
    "guest-page-tables-are-real",
    "guest-tss-is-the-real-one",
    "guest-turns-interrupts-off",
  ],
  "trap-and-emulate/interrupt": [
    "only-at-the-guests-exits",
    "popf-is-heard",
    "real-if-counts",
    "requests-are-lost",
    "sti-at-once",
  ],
  "trap-and-emulate/owed": [
    "all-exits-are-devices",
    "asks-who-asked",
    "dead-guests-wait",
    "every-event-is-the-monitors",
    "every-interrupt-is-the-guests",
    "every-interrupt-is-the-guests-own",
    "every-page-fault-is-the-guests",
    "exception-is-an-error",
    "fault-ends-the-guest",
    "halt-is-the-end",
    "if-does-not-matter",
    "interrupt-is-an-exception",
    "missing-means-device",
    "monitor-does-the-kernels-work",
    "monitor-waits-with-the-guest",
    "ports-are-state",
    "there-is-always-a-handler",
    "translation-is-emulation",
    "trap-needs-an-instruction",
    "trap-needs-an-interrupt",
  ],
}
const COUNTED = Array.from({ length: 22 }, (_, n) => String(n))
const overSeeds = asker(({ form }: Question) => (form.kind === "choice" ? form.options : COUNTED))

for (const [name, misconceptions] of Object.entries(MISCONCEPTIONS))
  describeLaws(name, misconceptions, overSeeds)

/** Over all seeds the machine's answer is the rule's, which knows no more than the question says. */
function expectByRule(name: string, rule: (question: Question) => string): void {
  for (const each of overSeeds(name))
    expect(
      rightOnes(each),
      `seed ${each.question.seed}\n${each.question.text}\n${each.question.listing}`,
    ).toEqual([rule(each.question)])
}

const lineAt = (listing: string, label: string) => new RegExp(`${label}:.*\\n +(.*)`).exec(listing)?.[1] ?? ""
const PRIVILEGED = /^(?:cli|sti|hlt|clts|in |out |mov cr|mov \w+, cr|lidt|lgdt|iretd)/
const EVENT = /^(?:int|ud2|div)/
const REAL_STATE = /^(?:sgdt|sidt|smsw|str|sldt)|, [cs]s$|^push cs/

test("an instruction brings the monitor in if it is privileged or an event, and lies if it reads the real state", () => {
  const options = {
    emulated: "The monitor is called, and does the instruction on the virtual processor",
    reflected: "The monitor is called, and hands over to a handler of the guest's own",
    direct: "The processor does it alone, as on bare metal",
    silent: "The processor does it alone, and not as on bare metal",
  }
  expectByRule("trap-and-emulate/exits", ({ text, listing = "" }) => {
    const line = lineAt(listing, "here")
    const [kernel, on] = [text.includes("the guest kernel runs"), text.includes("interrupts on")]
    if (EVENT.test(line)) return options.reflected
    if (PRIVILEGED.test(line)) return kernel ? options.emulated : options.reflected
    const lies = kernel ? REAL_STATE.test(line) : /^(?:sidt|smsw)/.test(line)
    if (line === "popfd") return listing.includes("push 0x202") === on ? options.direct : options.silent
    if (line === "pushfd") return on ? options.direct : options.silent
    return lies ? options.silent : options.direct
  })
})

test("CS and SS of the kernel say ring 1, of the application ring 3; DS says what was loaded", () => {
  expectByRule("trap-and-emulate/ring", ({ text, listing = "" }) => {
    const [register] = /\b[csd]s\b/.exec(listing) ?? [""]
    if (text.includes("run in the application")) return register === "cs" ? "003Bh" : "0043h"
    if (register === "ds") return text.includes("handler") ? "0043h" : "0010h"
    return register === "cs" ? "0009h" : "0011h"
  })
})

/** Exits of a round: the call, the handler's privileged lines, the return. */
function exitsByRule(listing: string): number {
  const [application, handler] = listing.split("after:")
  const calls = application.match(/int|ud2|div/g)?.length ?? 0
  const lines = handler.split("\n").map((line) => line.trim())
  return calls * (1 + lines.filter((line) => PRIVILEGED.test(line)).length)
}

test("a call costs an exit, each privileged line of its handler another, and so does the return", () => {
  expectByRule("trap-and-emulate/count", ({ listing = "" }) => String(exitsByRule(listing)))
})

test("after each exit but the last the guest kernel goes on", () => {
  expectByRule("trap-and-emulate/lanes", ({ listing = "" }) =>
    [
      "application",
      ...Array(exitsByRule(listing) - 1).fill("monitor → guest kernel"),
      "monitor",
      "application",
    ].join(" → "),
  )
})

test("MOV from a control register gives what the guest put there, all else what the processor holds", () => {
  expectByRule("trap-and-emulate/told", ({ text, listing = "" }) => {
    const [, bare, real] = /hold (\w+) at `after`; the processor itself holds (\w+)/.exec(text) ?? []
    return /mov eax, cr/.test(listing) ? bare : real
  })
})

test("what only privileged instructions load, and IF, are the monitor's", () => {
  const monitors = ["IDTR", "GDTR", "LDTR", "TR", "CR3", "IF"]
  expectByRule("trap-and-emulate/registers", ({ text, form }) => {
    const options = form.kind === "choice" ? form.options : []
    const own = text.includes("Which one holds")
    return options.filter((name) => monitors.includes(name) !== own).join()
  })
})

test("the guest hears of its timer at once, or after the instruction behind STI, or never", () => {
  expectByRule("trap-and-emulate/interrupt", ({ text, listing = "" }) => {
    const rises = Number(/instruction at L(\d+)/.exec(text)?.[1])
    const lines = listing.split("\n").slice(1)
    const off = lines.slice(0, rises).some((line) => line.endsWith("cli"))
    if (!off) return `L${rises + 1}`
    const sti = lines.findIndex((line) => line.endsWith("sti"))
    return sti < 0 ? "never" : `L${sti + 3}`
  })
})

test("what is owed follows from vector, ring and instruction", () => {
  const words = {
    emulate: "emulate the instruction on the virtual processor",
    reflect: "reflect to the guest's own handler",
    device: "ask a virtual device",
    fill: "fill an entry of the shadow page table",
    deliver: "deliver a virtual interrupt",
    schedule: "let another virtual machine run",
    end: "end the guest",
  }
  expectByRule("trap-and-emulate/owed", ({ text }) => {
    const [, moment] = text.split("\n\n")
    if (moment.includes("does not execute any more")) return words.end
    if (moment.includes("lets the request through")) return words.deliver
    if (moment.includes("waits for nothing") || moment.includes("of the machine's own")) return words.schedule
    if (moment.includes("vector 0Eh")) return words.fill
    const [, line] = /`(.*?)`/.exec(moment) ?? []
    if (EVENT.test(line) || moment.includes("in ring 3")) return words.reflect
    return /^(?:in|out) /.test(line) ? words.device : words.emulate
  })
})

const YOU = "trap-and-emulate/you-are-the-monitor"

/** What is right at each moment, found by trying. */
function rightWords(seed: number): string[] {
  return YOU_ARE_THE_MONITOR.parts(seed).map(({ choices }, part) => {
    const right = choices.filter(([word]) => YOU_ARE_THE_MONITOR.checkPart(seed, part, word).right)
    expect(right).toHaveLength(1)
    return right[0][0]
  })
}

const LIVES = SEEDS.slice(0, 20)

test("you are the monitor: one word is right at each moment, and all of them together are", () => {
  for (const seed of LIVES) {
    const words = rightWords(seed)
    expect(words.length).toBeGreaterThanOrEqual(6)
    expect(words.at(-1)).toBe("end")
    expect(YOU_ARE_THE_MONITOR.check(seed, words.join("\n")).right).toBe(true)
    expect(YOU_ARE_THE_MONITOR.ask(seed).form).toEqual({ kind: "text", rows: words.length })
  }
})

test("you are the monitor: all that can be owed is owed in some life", () => {
  expect(new Set(LIVES.flatMap(rightWords)).size).toBe(7)
})

test("you are the monitor: the first wrong word is told, without the right one", () => {
  const [first, second, ...rest] = rightWords(3)
  const other = second === "reflect" ? "emulate" : "reflect"
  const { right, text } = YOU_ARE_THE_MONITOR.check(3, [first, other, ...rest].join("\n"))
  expect(right).toBe(false)
  expect(text).toMatch(/^Moment 2 of \d+: /)
  expect(YOU_ARE_THE_MONITOR.check(3, first).text).toMatch(/^1 of \d+ moments are right/)
  expect(YOU_ARE_THE_MONITOR.check(3, "sleep").text).toContain("none of the words")
})

test("every exercise of the lesson is tried here", () => {
  expect(TRAP_AND_EMULATE_EXERCISES.map(({ name }) => name).sort()).toEqual(
    [...Object.keys(MISCONCEPTIONS), YOU].sort(),
  )
})
