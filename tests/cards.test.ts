import { inspect } from "node:util"
import { describe, expect, test } from "vitest"
import * as ringlab from "../src/index"

/**
 * What a cell shows that ends with a value of ours: every public factory is called here, and so is asked for every public
 * constant; a new name without a line in the list fails.
 */
const { asm, pc, record } = ringlab
const DISPLAY = Symbol.for("Jupyter.display")
const LONGEST = 30

const program = asm`${ringlab.kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main: mov eax, 5
  int 0x80
  mov ecx, [ticks]
  mov ebx, -1
  cli
  hlt
service: inc dword [ticks]
  iretd
ticks: dd 0`
const ran = () => {
  const machine = pc({ memory: 2 }).load(program)
  machine.run()
  return machine
}
const run = record(program)
const verdict = ringlab.popekGoldberg(
  { ring: 1 },
  { states: 20, forms: ({ mnemonic }) => mnemonic === "POPF" },
)
const { forms } = verdict.classification
const [witness] = forms.flatMap(({ witnesses }) => witnesses.behaviour ?? [])
const small = ringlab.classifyThirdGeneration({ states: 50 })
const hypervised = () =>
  ringlab.hypervise(pc({ memory: 16 }), "trap-and-emulate", { vms: [{ name: "guest", memory: 2 }] })

/** A text is what it is, however long; a function is no value to end a cell with; of the rest nothing is dumped. */
const VALUES: Partial<Record<keyof typeof ringlab, () => unknown>> = {
  asm: () => program,
  assemble: () => ringlab.assemble("main: hlt"),
  chart: () => ringlab.chart({ data: [{ type: "scatter", y: [1, 2] }] }),
  choice: () => ringlab.choice(["a", "b"]),
  classify: () => verdict.classification,
  classifyThirdGeneration: () => small,
  compareWithRobinIrvine: () => ringlab.compareWithRobinIrvine(forms),
  createPlayer: () => ringlab.createPlayer(),
  differences: () => ringlab.differences(run.frame(1), run.frame(2)),
  Diagram: () => ringlab.diagram.selector(0x1b),
  describeInstruction: () => ringlab.describeInstruction("mov"),
  disassemble: () => ringlab.disassemble(program.bytes, 0),
  exercise: () => ringlab.exercise("rings/iopl"),
  explore: () => ringlab.explore("rings/iopl"),
  flatImage: () => ringlab.flatImage(program.bytes, 0x1000),
  hypervise: hypervised,
  kit: () => ringlab.kit(),
  monitor: () => ringlab.monitor(pc({ memory: 16 }), program),
  mostTelling: () => ringlab.mostTelling(forms[0].witnesses),
  offendersOf: () => ringlab.offendersOf({ forms }),
  monitorTask: () => ringlab.monitorTask("trap-and-emulate/emulate"),
  pc: ran,
  popekGoldberg: () => verdict,
  post: () => ringlab.post(),
  provisional: () => ringlab.provisional(forms, verdict.classification.conditions),
  range: () => ringlab.range(0, 10),
  recheck: () => ringlab.recheck(witness, verdict.classification.conditions),
  record: () => run,
  RecordedMoment: () => run.at(17),
  screen: () => ringlab.screen(),
  situate: () => ringlab.situate(witness.left),
  theorem: () => ringlab.theorem(verdict.classification),
  toggle: () => ringlab.toggle({ value: true }),
  traceStep: () => ringlab.traceStep(pc({ memory: 2 }).load(program)),
  virtualize: () => ringlab.virtualize(program),
  WitnessPair: () => verdict.witness("POPF"),
}

/** Members that a cell may end with. */
const MEMBERS: Readonly<Record<string, () => unknown>> = {
  "machine.cpu": () => ran().cpu,
  "machine.memory": () => ran().memory,
  "machine.clock": () => ran().clock,
  "machine.ledger": () => ran().ledger,
  "machine.bus": () => ran().bus,
  "machine.engine": () => ran().engine,
  "machine.flags": () => ran().flags,
  "machine.program": () => ran().program,
  "hypervisor.guests[0].vm": () => hypervised().guests[0].vm,
  "recording.frame": () => run.frame(3),
  "recording.timeline": () => run.timeline,
  "verdict.forms": () => verdict.forms("POPF"),
  "witness.witness": () => verdict.witness("POPF").witness,
}

/** What gives a text, a number, a truth, nothing or an error, what takes a whole to pieces, and what is there for programs. */
const PLAIN = new Set(
  `AssemblyError Malformed TooLarge Verdict MonitoredVcpu TrapAndEmulate RunPicture PairPicture awaitsInput awaitsKeys besideBare bitsInWords
  check checkSize checkWatch commonStep compared otherStep pairDifferences
  codeSelector countMarks dataSelector deviceNames disassembleAll drawFrame drawVenn enterRing faultWord firstDifference
  formatInstruction drawDiagram checkScene grade hex inRing isBootSector isElf isMultiboot isSensitive kindOf kindWord loadBootSector loadImage
  loadMultiboot missingService namesByAddress offendingMnemonics pictureText pinOf010 readElf recheckThirdGeneration recordDifference
  replay restoreBare reversedOnly screenText serve show sizeAt startController startPaging startTimer titleOf unpackedTimeline vennOf`
    .trim()
    .split(/\s+/),
)

const shown = (value: unknown): string => {
  const display = (value as Record<symbol, (() => Record<string, unknown>) | undefined>)[DISPLAY]
  const bundle = display?.call(value) as Record<string, unknown> | undefined
  return String(bundle?.["text/plain"] ?? inspect(value, { maxStringLength: 10_000, breakLength: 100 }))
}

const constants = Object.entries(ringlab).filter(([, value]) => typeof value === "object")
const cases: [string, () => unknown][] = [
  ...Object.entries(VALUES),
  ...Object.entries(MEMBERS),
  ...constants
    .filter(([name]) => !PLAIN.has(name) && name !== "LIMITS")
    .map(([name, value]): [string, () => unknown] => [name, () => value]),
]

test("every public function is looked at here, or gives what is plain", () => {
  const names = Object.entries(ringlab).flatMap(([name, value]) =>
    typeof value === "function" ? [name] : [],
  )
  expect(names.filter((name) => !PLAIN.has(name) && !Object.hasOwn(VALUES, name))).toEqual([])
})

describe("a cell that ends with it shows few lines, and no insides:", () => {
  test.each(cases)("%s", (_, make) => {
    const value = make()
    if (typeof value === "string") return
    const text = shown(value)
    expect(text.split("\n").length, text).toBeLessThanOrEqual(LONGEST)
    expect(
      privateNames(value).filter((name) => new RegExp(`(^|[{,])\\s*${name}: `, "m").test(text)),
      text,
    ).toEqual([])
  })
})

/** Names of a class's own fields: an object of one that shows itself tells none of them. */
function privateNames(value: unknown): string[] {
  const isOfClass =
    value !== null && ![Object.prototype, Array.prototype].includes(Object.getPrototypeOf(value))
  return isOfClass && typeof value === "object" ? Object.getOwnPropertyNames(value) : []
}

describe("a card", () => {
  test("of a moment tells the step, the registers in hexadecimal, and the flags that are set", () => {
    expect(shown(run.at(18))).toMatchInlineSnapshot(`
      "Step 18 of 21, ring 0: mov ecx, [ticks]
      Ring 0 ran “mov ecx, [ticks]”. ECX changed from 00000000h to 00000001h.
      Flags set: none
      Next: mov ebx, -1
        EAX  00000005h  EBP  00000000h  CS   0008h      CR3  00000000h
        ECX  00000001h  ESI  00000000h  SS   0010h      GDTR.base  00100038h
        EDX  00000000h  EDI  00000000h  DS   0010h      IDTR.base  00100090h
        EBX  00000000h  EIP  0010152Dh  TR   0048h
        ESP  00100910h  ES   0010h      CR0  00000011h"
    `)
  })

  test("of a program tells where it lies, its labels and its first lines, and no source of comments", () => {
    expect(
      shown(asm`org 0x1000
main: mov eax, 5 ; the answer
  times 20 nop
  hlt`),
    ).toMatchInlineSnapshot(`
      "Program of 26 bytes at 00001000h, starts at 00001000h
      Labels: main 00001000h
        00001000h  B8 05 00 00 00             main: mov eax, 5
        00001005h  90 90 90 90 90 90 90 90 …  times 20 nop
        00001019h  F4                         hlt"
    `)
  })

  test("inside of another value is its title", () => {
    expect(inspect({ run: run.at(1).flags, program })).toMatch(
      /^\{\n? *run: Flags set: none,\n? *program: Program of [^\n]*\n?\}$/,
    )
  })

  test("is in no copy, no comparison and no JSON of what it shows", () => {
    const copy = structuredClone(program)
    expect(copy).toEqual(program)
    expect(Object.getOwnPropertySymbols(copy)).toEqual([])
    expect(Object.keys(program)).not.toContain("card")
    expect(JSON.stringify(copy)).toBe(JSON.stringify(program))
  })

  test("has HTML without scripts, whose colours are the theme's, and where text is text", () => {
    const tricky = asm`main: db "<b>&</b>"`
    const { "text/html": html } = (tricky as unknown as Record<symbol, () => Record<string, string>>)[
      DISPLAY
    ]()
    expect(html).toContain("&lt;b&gt;&amp;&lt;/b&gt;")
    expect(html).not.toMatch(/<script|<b>&|on\w+=|#[0-9a-f]{3,6}\b|rgb\(/)
    expect(html).toMatch(/color:var\(--jp-content-font-color1,inherit\)/)
  })
})
