import { expect, test } from "vitest"
import { drawVenn, type Venn } from "../../src/views/draw/venn"

const venn: Venn = {
  title: "A machine",
  sentence: "The theorem does not hold: POPF completes.",
  sets: ["privileged", "sensitive"],
  left: { name: "only privileged", members: ["CLTS"] },
  both: { name: "both", members: ["HLT", "LGDT"] },
  right: { name: "offenders", members: ["POPF", "SGDT"] },
  counted: "Counted are instructions.",
  outside: { name: "Forms in neither", members: 1612 },
}

/** The texts of a picture, in order. */
const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)

test("each part shows its name, how many it has, and which", () => {
  expect(textsOf(drawVenn(venn))).toEqual([
    "A machine",
    "Counted are instructions. Forms in neither: 1,612.",
    "privileged",
    "sensitive",
    "only privileged: 1",
    "CLTS",
    "both: 2",
    "HLT LGDT",
    "offenders: 2",
    "POPF SGDT",
    "The theorem does not hold: POPF completes.",
  ])
})

test("what does not fit is counted, and named in the tooltip and for screen readers", () => {
  const members = Array.from({ length: 120 }, (_, n) => `INSTRUCTION${n}`)
  const svg = drawVenn({ ...venn, right: { name: "offenders", members } }, { width: 480 })
  const shown = textsOf(svg).join(" ").split(/\s+/)
  const left = Number(
    textsOf(svg)
      .find((text) => text.startsWith("…"))
      ?.match(/\d+/)?.[0],
  )
  expect(members.filter((name) => shown.includes(name)).length + left).toBe(120)
  expect(svg).toContain("INSTRUCTION119</title>")
  expect(svg.match(/aria-label="([^"]*)"/)?.[1]).toContain("INSTRUCTION119.")
})

test("a narrow picture is higher, so that names keep their size and their room", () => {
  const members =
    "MOV Sreg,PUSH CS,PUSH SS,JMP far,CALL far,RETF,INT1,INT3,INT,INTO,IRET,PUSHF,POPF,SGDT,SIDT,SMSW,SLDT,STR,VERR,VERW,LAR,LSL,SYSENTER"
  const offenders = { ...venn, right: { name: "offenders", members: members.split(",") } }
  const [narrow, wide] = [330, 900].map((width) => drawVenn(offenders, { width }))
  const sizeOf = (svg: string) =>
    svg
      .match(/width="(\d+)" height="(\d+)"/)
      ?.slice(1)
      .map(Number)
  expect(sizeOf(narrow)?.[0]).toBe(330)
  expect(sizeOf(narrow)?.[1]).toBeGreaterThan(sizeOf(wide)?.[1] ?? 0)
  for (const svg of [narrow, wide])
    for (const name of offenders.right.members) expect(textsOf(svg).join(" ")).toContain(name)
})

test("an empty part says so aloud", () => {
  const svg = drawVenn({ ...venn, right: { name: "offenders", members: [] } })
  expect(textsOf(svg)).toContain("offenders: 0")
  expect(svg).toContain("offenders: none.")
})

test("names cannot break the picture", () => {
  expect(drawVenn({ ...venn, title: '<script>"&' })).not.toContain("<script>")
})
