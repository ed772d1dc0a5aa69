import { describe, expect, test } from "vitest"
import { deviceNames } from "../../src/views/draw/devices"
import { drawFrame, LANE_ENDS, pictureText, RunPicture } from "../../src/views/draw/draw"
import { kindWord } from "../../src/views/draw/marks"
import { clip, count, escapeText, hex, wrap } from "../../src/views/draw/svg"
import type { Frame, Mark, Timeline } from "../../src/views/view"
import { faultFrame, frameAt, timeline } from "./fixture"

const WIDTHS = [320, 620, 700, 900, 1400]

/** What a reader reads, in the order of the picture. */
function words(svg: string): string {
  return svg
    .replace(/<style>.*?<\/style>/s, "")
    .replace(/<title>.*?<\/title>/gs, "")
    .replace(/<[^>]+>/g, " ")
    .replace(/&amp;/g, "&")
}

/** What stands in and above the lanes. */
const laneWords = (run: Timeline, width: number) =>
  words(drawFrame(run, frameAt(1), { width })).split("a step")[0]

/** Every number of an attribute in a picture. */
function numbers(svg: string, attribute: string): number[] {
  return [...svg.matchAll(new RegExp(` ${attribute}="([^"]*)"`, "g"))].map((match) => Number(match[1]))
}

describe("a picture of a step that faulted says", () => {
  const said = words(drawFrame(timeline, faultFrame, { width: 900 }))
  test.each([
    ["which step of how many", "Step 18 of 24"],
    ["in which ring the machine is now", "ring 0, kernel"],
    ["what the step did", "CLI in ring 3 is refused with #GP(0)."],
    ["which check failed and why", "CLI needs CPL ≤ IOPL, but CPL is 3 and IOPL is 0."],
    ["where the manual says so", "Manual: SDM Vol. 2A, CLI"],
    ["what a register was", "was 0010F000"],
    ["what the stack slots hold", "EIP to return to"],
    ["which gate was used", "General protection #GP"],
    ["what the step cost", "45 cycles (guest 1, trap 44)"],
    ["the flag that changed, old and new", "1→0"],
  ])("%s", (_, text) => {
    expect(said.replace(/\s+/g, " ")).toContain(text)
  })
})

test.each(WIDTHS)("nothing is drawn outside a picture %i pixels wide", (width) => {
  const svg = drawFrame(timeline, faultFrame, { width })
  expect(Math.max(...numbers(svg, "width"))).toBeLessThanOrEqual(width)
  expect(numbers(svg, "x").every(Number.isFinite)).toBe(true)
  expect(Math.min(...numbers(svg, "height"))).toBeGreaterThanOrEqual(0)
})

test("the panels stand in one, two or three columns as the width allows", () => {
  const columns = (width: number) => {
    const svg = drawFrame(timeline, faultFrame, { width })
    const heads = [...svg.matchAll(/<g transform="translate\(([\d.]+) [\d.]+\)"><text x="0" y="15">/g)]
    return new Set(heads.map((match) => match[1])).size
  }
  expect(WIDTHS.map(columns)).toEqual([1, 2, 2, 3, 3])
})

test("text from a program cannot become markup", () => {
  const evil = `</text><script>alert(1)</script>"'&`
  const frame: Frame = {
    ...faultFrame,
    sentence: evil,
    fault: { name: evil, says: evil, see: evil },
    events: [evil],
    changes: [{ what: "memory", name: evil, old: evil, value: evil }],
    code: [{ address: 0, text: evil, label: evil, comment: evil }],
    stack: [{ address: 0, value: 0, note: evil }],
    idt: [{ index: 0, name: evil, detail: evil, dpl: 0 }],
    memory: [{ title: evil, rows: [] }],
    devices: [{ name: evil, value: 0, note: evil }],
  }
  expect(drawFrame(timeline, frame, { width: 900, title: evil })).not.toContain("<script")
})

test("characters that XML forbids do not break the picture", () => {
  expect(escapeText("a\u0000b\uD800c\u001b[0m")).toBe("a\uFFFDb\uFFFDc\uFFFD[0m")
})

test("signs that would be one wall are a sentence instead", () => {
  const marks: Mark[] = Array.from({ length: 5000 }, (_, i) => [2 * (i + 1), 0, 0x80])
  const long: Timeline = { steps: 10_000, rings: [[0, 0]], marks, end: "" }
  const svg = drawFrame(long, frameAt(5000), { width: 900 })
  expect(words(svg)).toContain("5,000 signs, too close together to show")
  expect(svg.length).toBeLessThan(100_000)
})

test("the title of a band stands above its lanes, with signs or without", () => {
  const quiet: Timeline = { steps: 2, rings: [[0, 0]], marks: [], end: "" }
  for (const run of [quiet, { ...quiet, marks: [[1, 0, 0x80]] as Mark[] }]) {
    const svg = drawFrame(run, frameAt(1), { width: 900 })
    const lines = [
      ...svg.matchAll(/<text x="\d+" y="([\d.]+)"[^>]*>(?:<tspan[^>]*>)?(the whole run|ring 0)</g),
    ]
    const height = new Map(lines.map(([, y, words]) => [words, Number(y)]))
    expect(Number(height.get("ring 0")) - Number(height.get("the whole run"))).toBeGreaterThan(14)
  }
})

test("no step number stands behind the flag of the current step", () => {
  const long: Timeline = { steps: 1000, rings: [[0, 0]], marks: [], end: "" }
  const numbered = (step: number) =>
    [
      ...drawFrame(long, frameAt(step), { width: 900 }).matchAll(
        /class="rl-small" text-anchor="middle">(\d+)</g,
      ),
    ].map(([, number]) => Number(number))
  expect(numbered(20)).toContain(200)
  expect(numbered(199)).not.toContain(200)
  expect(numbered(199)).toContain(400)
})

test("a label stands beside its sign only where it ends before the next one", () => {
  const marks: Mark[] = [
    [20, 2, 13],
    [25, 0, 0x80],
  ]
  const said = (width: number) => laneWords({ ...timeline, steps: 100, marks }, width)
  expect(said(1400)).toContain("#GP")
  expect(said(700)).not.toContain("#GP")
})

test("the line of the current step crosses no label", () => {
  const [, top] = /<line x1="[\d.]+" y1="([\d.]+)"[^>]+class="rl-cursor"/.exec(
    drawFrame(timeline, frameAt(7), { width: 900 }),
  ) as RegExpExecArray
  const SIGN_ROWS = 36
  expect(Number(top)).toBeGreaterThanOrEqual(SIGN_ROWS)
})

test("an INT that goes to an exception's vector is no exception", () => {
  const said = (vector: number) => laneWords({ ...timeline, marks: [[7, 0, vector]] }, 900)
  expect(said(13)).toContain("int 0Dh")
  expect(said(13)).not.toContain("#GP")
  expect(said(3)).toContain("#BP")
})

test("#DF is an abort, in its box and among the signs", () => {
  const aborts: Mark[] = [
    [15, 2, 13],
    [15, 2, 8],
  ]
  const box = (name: string) =>
    words(drawFrame(timeline, { ...faultFrame, fault: { name, says: "", see: "" } }, { width: 900 }))
  expect(box("#DF(0)")).toContain("Abort #DF(0): why")
  expect(box("#DE")).toContain("Fault #DE: why")
  expect(kindWord("fault", aborts)).toBe("fault or abort")
  expect(kindWord("fault", aborts.slice(0, 1))).toBe("fault")
})

describe("what changed", () => {
  const said = (changes: Frame["changes"], width: number, frame: Partial<Frame> = {}) =>
    words(drawFrame(timeline, { ...faultFrame, ...frame, changes }, { width }))

  test("stands in full in two lines where one is too short", () => {
    const [old, value] = ["00100000h at 00100000h", "00400000h at 00300000h"]
    const entry = { what: "tlb", name: "entry 0" } as const
    expect(said([{ ...entry, old, value }], 1400)).toMatch(new RegExp(`${old} {2,}.*→ ${value}`))
    expect(said([{ ...entry, old: "empty", value }], 1400)).toContain(`empty → ${value}`)
  })

  test("tells flags with a word on what they are for", () => {
    expect(said([{ what: "flag", name: "PF", old: "1", value: "0" }], 1400)).toMatch(/PF +1 → 0 +parity/)
  })

  test("does not name EIP where it stayed", () => {
    const stays = [{ name: "EIP", value: 0x1000 }]
    const moves = [{ name: "EIP", value: 0x1000, old: 0xfff }]
    expect(said([], 1400, { registers: stays })).toContain("Nothing but the time.")
    expect(said([], 1400, { registers: moves })).toContain("Nothing but EIP and the time.")
  })
})

test("the code says that no instruction ran where none is marked", () => {
  const said = (frame: Frame) => words(drawFrame(timeline, frame, { width: 900 }))
  const code = faultFrame.code.map(({ ran, ...line }) => line)
  expect(said({ ...faultFrame, fault: undefined, code })).toContain("no instruction ran, “next” is where")
  expect(said({ ...faultFrame, step: 0, fault: undefined, code })).not.toContain("no instruction ran")
})

test("what the processor pushed shows no old value, which would be read as that of its namesake", () => {
  const slots = [
    { address: 0, value: 1, old: 0xabc, note: "EIP" },
    { address: 4, value: 2, old: 0xdef },
  ]
  const said = words(drawFrame(timeline, { ...faultFrame, stack: slots }, { width: 1400 }))
  expect(said).not.toContain("was 00000ABC")
  expect(said).toContain("was 00000DEF")
})

test.each([440, 640, 760, 900])(
  "the ring of a gate and what TR holds are not cut %i pixels wide",
  (width) => {
    const name = "#GP General Protection"
    const detail = "interrupt gate to 0008h:general_protection_fault"
    const idt = [{ index: 13, name, detail, dpl: 3, used: true }]
    const segments = [{ name: "TR", value: 0x48, old: 0, note: "busy TSS, base 1004A0h, limit 67h" }]
    const said = words(drawFrame(timeline, { ...faultFrame, idt, segments }, { width })).replace(/\s+/g, " ")
    expect(said).toContain("DPL 3, interrupt gate")
    expect(said).toMatch(/busy TSS, base .*1004A0h, .*limit .*67h/)
  },
)

test("a narrow picture names the whole chapter of the manual", () => {
  const see = 'SDM Vol. 3A §6.12.1.1 "Protection of Exception- and Interrupt-Handler Procedures"'
  const svg = drawFrame(
    timeline,
    { ...faultFrame, fault: { name: "#GP(0)", says: "No.", see } },
    { width: 440 },
  )
  expect(words(svg).replace(/\s+/g, " ")).toContain(see.replaceAll('"', "&quot;"))
})

test("a narrow picture gives the cycles lines of their own", () => {
  const step = [
    ["work", 1],
    ["gate", 450],
  ] as const
  const cycles = { step, total: 1_234_567 }
  const wide = drawFrame(timeline, { ...faultFrame, cycles }, { width: 1000 })
  const narrow = drawFrame(timeline, { ...faultFrame, cycles }, { width: 440 })
  const start = (svg: string) => Number(/x="([\d.]+)"[^>]*>451 cycles/.exec(svg)?.[1])
  expect(start(wide)).toBeGreaterThan(200)
  expect(start(narrow)).toBe(0)
})

test("marks on the same few pixels are one sign with their number", () => {
  const marks: Mark[] = [100, 101, 102, 400].map((step) => [step, 0, 0x80])
  const near: Timeline = { steps: 500, rings: [[0, 0]], marks, end: "" }
  expect(words(drawFrame(near, frameAt(250), { width: 900 }))).toContain("×3")
})

test("a run of many ring changes stays a small picture", () => {
  const rings = Array.from({ length: 50_000 }, (_, i) => [2 * i, i % 2 ? 0 : 3] as const)
  const svg = drawFrame({ steps: 100_000, rings, marks: [], end: "" }, frameAt(7), { width: 1400 })
  expect(svg.length).toBeLessThan(200_000)
})

describe("a part that folds", () => {
  const quiet = frameAt(7)
  const devices = [
    { name: "pic.irr", value: 1, old: 0 },
    { name: "pic.isr", value: 0 },
    { name: "uart.line", value: 3, old: 2 },
  ]
  const idle = { ...quiet, idt: quiet.idt.map(({ used, ...row }) => row) }
  const panels = (frame: Frame, folds: Record<string, boolean>) =>
    pictureText(new RunPicture(timeline).parts(frame, { width: 900, folds }).panels)
  const isOpen = (svg: string, name: string) =>
    new RegExp(`data-fold="${name}" aria-expanded="(\\w+)"`).exec(svg)?.[1] === "true"

  test("is open where the step has to do with it, and else a line that says so", () => {
    expect(isOpen(panels(quiet, {}), "idt")).toBe(true)
    expect(isOpen(panels(idle, {}), "idt")).toBe(false)
    expect(words(panels(idle, {}))).toContain("4 gates, not used in this step")
    expect(words(panels(idle, {}))).not.toContain("Page fault")
  })

  test("stays as the reader chose, whatever the step is", () => {
    for (const frame of [quiet, idle])
      for (const open of [true, false]) expect(isOpen(panels(frame, { idt: open }), "idt")).toBe(open)
    expect(words(panels(idle, { idt: true }))).toContain("Page fault")
  })

  test("is a button by name only where somebody can press it", () => {
    expect(panels(quiet, {})).toMatch(/role="button" tabindex="0" data-fold="gdt" [^>]*aria-label="GDT"/)
    expect(drawFrame(timeline, quiet, { width: 900 })).not.toContain('role="button"')
  })

  test("shows of the devices what changed, and who opens them each with all its values", () => {
    const shown = (folds: Record<string, boolean>) => {
      const said = words(panels({ ...quiet, devices }, folds))
      return devices.map(({ name }) => name).filter((name) => said.includes(name))
    }
    expect(deviceNames({ ...quiet, devices })).toEqual(["pic", "uart"])
    expect(shown({})).toEqual(["pic.irr", "uart.line"])
    expect(words(panels({ ...quiet, devices }, { devices: true }))).toMatch(/pic +2 values/)
    expect(shown({ devices: true, "device pic": true })).toEqual(["pic.irr", "pic.isr", "uart.line"])
  })
})

test("before the first step and at the last a reader is told how the run ends", () => {
  const steps = Array.from({ length: timeline.steps + 1 }, (_, step) => step)
  const telling = steps.filter((step) =>
    words(drawFrame(timeline, frameAt(step), { width: 900 })).includes(timeline.end),
  )
  expect(telling).toEqual([0, 24])
})

test("a click into the lanes finds the step that is drawn there", () => {
  const picture = new RunPicture(timeline)
  const lanes = 900 - LANE_ENDS.left - LANE_ENDS.right
  const x = (step: number) => LANE_ENDS.left + ((step + 0.5) * lanes) / (timeline.steps + 1)
  for (const step of [0, 1, 17, 24]) expect(picture.stepAt(3, 900, x(step), 60)).toBe(step)
  expect(picture.stepAt(3, 900, x(17))).toBe(17)
  expect(picture.stepAt(3, 900, 10, 60)).toBeNull()
  expect(picture.stepAt(3, 900, x(5), 2000)).toBeNull()
})

test("in a long run a click into the close-up finds a step near the current one", () => {
  const picture = new RunPicture({ ...timeline, steps: 10_000 })
  const overview = picture.stepAt(5000, 900, 860, 60)
  const closeUp = picture.stepAt(5000, 900, 860, 160)
  expect(overview).toBeGreaterThan(9000)
  expect(closeUp).toBeGreaterThan(5000)
  expect(closeUp).toBeLessThanOrEqual(5030)
})

test("a picture that is kept draws every frame as a new one does", () => {
  const long: Timeline = { ...timeline, steps: 500 }
  const picture = new RunPicture(long)
  for (const [step, width] of [
    [3, 900],
    [18, 900],
    [200, 620],
    [499, 900],
  ]) {
    expect(pictureText(picture.draw(frameAt(step), { width }))).toBe(
      drawFrame(long, frameAt(step), { width }),
    )
  }
})

test("from step to step the blocks that show the same thing are the same text", () => {
  const picture = new RunPicture(timeline)
  const [one, two] = [3, 4].map((step) => picture.draw(frameAt(step), { width: 900 }))
  const same = one.blocks.filter((block, n) => block === two.blocks[n])
  expect(same.length).toBeGreaterThan(one.blocks.length / 2)
  expect(same.length).toBeLessThan(one.blocks.length)
})

describe("the comments of a program", () => {
  const comments = (code: Frame["code"], width = 1400) => {
    const svg = drawFrame(timeline, { ...faultFrame, code }, { width })
    return [...svg.matchAll(/<text x="([\d.]+)" y="[\d.]+" class="rl-dim">(;[^<]*)</g)].map(
      ([, x, said]) => ({
        x: Number(x),
        said,
      }),
    )
  }
  const line = (text: string, comment: string) => ({ address: 0x1000, text, comment })

  test("stand below one another, whatever lines without a comment are like", () => {
    const bare = { address: 0x1000, text: "mov dword [table + eax * 4]" }
    const [one, two] = comments([line("nop", "one"), bare, line("mov eax, ebx", "two")])
    expect(one.x).toBe(two.x)
    expect(one.x).toBe(comments([line("nop", "one"), line("mov eax, ebx", "two")])[0].x)
  })

  test("begin sooner where they would not end in time", () => {
    const long = "the kernel must never trust what it was given here"
    expect(
      comments([line("hlt", long.slice(0, 40)), line("mov eax, [ebx + 4 * ecx]", "short")])[0].said,
    ).toBe(`; ${long.slice(0, 40)}`)
    expect(comments([line("hlt", long)], 900)[0].said).toMatch(/^; the kernel must never .*…$/)
  })
})

test("pinned memory says what is not mapped, and when its name means nothing", () => {
  const said = (memory: Frame["memory"]) =>
    words(drawFrame(timeline, { ...faultFrame, memory }, { width: 1400 }))
  expect(said(faultFrame.memory)).toContain("·· is not mapped")
  expect(said([{ title: "nowhere", rows: [] }])).toMatch(/Memory: nowhere +no register, symbol or address/)
})

test("without its style sheet a picture holds no style element", () => {
  expect(drawFrame(timeline, faultFrame, { width: 900 })).toContain("<style>")
  expect(drawFrame(timeline, faultFrame, { width: 900, style: false })).not.toContain("<style>")
})

test("numbers and texts are set as a reader expects", () => {
  expect(hex(-1)).toBe("FFFFFFFF")
  expect(hex(0x80, 2)).toBe("80")
  expect(count(1234567)).toBe("1,234,567")
  expect(clip("abcdef", 4)).toBe("abc…")
  expect(clip("abcdef", -2)).toBe("")
  expect(wrap("one two three", 7)).toEqual(["one two", "three"])
  expect(wrap("abcdefghij", 4)).toEqual(["abcd", "efgh", "ij"])
  expect(wrap("", 4)).toEqual([])
})
