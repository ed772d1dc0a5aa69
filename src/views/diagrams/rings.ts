/**
 * The four rings, who runs in each, and how far out an instruction works: read from the instruction table, whose last column says which
 * fault outside ring 0, which only where CPL > IOPL, and which run everywhere though they should not.
 *
 *     ◜3        ring 3   application   works here: …   lies here: …
 *      ◜2       ring 2
 *       ◜1      ring 1
 *        ◜0     ring 0   kernel        works only here: …
 */
import { LANES } from "../../hypervisors/kinds"
import { TABLE } from "../../isa/isa"
import { mnemonicOf } from "../../isa/mnemonic"
import type { Outside } from "../../isa/notation"
import { arrow, block, bottom, EDGE, INNER, level, type Piece, page, paragraph, TOP, type Words } from "./kit"
import type { BoxLook, Scene, Shape } from "./scene"
import { needWhole } from "./words"

/** What is drawn into the rings. */
export interface RingsOptions {
  /** Instructions to place: "CLI", "MOV CR", "POPF" … Some that everybody meets if not said. */
  readonly instructions?: readonly string[]
  /** EFLAGS.IOPL: from ring 0 to this ring, CLI, STI, IN and OUT are allowed. 0 if not said. */
  readonly iopl?: number
  /** A monitor has ring 0, and the guest's kernel ring 1. */
  readonly monitor?: boolean
}

const USUAL = ["ADD", "INT", "POPF", "CLI", "IN", "LGDT", "MOV CR", "HLT"]
const RINGS = [3, 2, 1, 0] as const
type Ring = (typeof RINGS)[number]

/** What the table says of an instruction: the claims of its forms, most often one. */
type Claim = Outside | undefined

/** Draw the rings. */
export function ringsScene({ instructions = USUAL, iopl = 0, monitor = false }: RingsOptions = {}): Scene {
  needWhole(iopl, 3, "an IOPL")
  const placed = instructions.map((name) => place(name.toUpperCase(), iopl))
  const who = monitor ? withMonitor : withoutMonitor
  const rows = drawRows(placed, who)
  const height = bottom(...rows)
  const lies = placed.filter(isLie)
  const note = paragraph(EDGE, height + 10, INNER, ...lies.map(lieWords))
  const title = `Who runs in which ring, and what works there (IOPL ${iopl})`
  return page(title, sentences(placed, who, iopl), [quarters(rows), ...rows, ...leads(rows), note])
}

interface Placed {
  readonly name: string
  /** The outermost ring in which it works. */
  readonly ring: Ring
  /** Why it runs where it should not. */
  readonly lies: string | undefined
}

function place(name: string, iopl: number): Placed {
  const claims = claimsOf(name)
  const trusted =
    claims.find((claim) => claim?.claim === "traps") ?? claims.find((claim) => claim?.claim === "iopl")
  const ring = trusted === undefined ? 3 : trusted.claim === "traps" ? 0 : iopl
  const lie = claims.find((claim) => claim?.claim === "leaks")
  return { name, ring: ring as Ring, lies: lie?.why }
}

/** @throws RangeError if the table has no such instruction */
function claimsOf(name: string): Claim[] {
  const rows = TABLE.filter((row) => [16, 32].some((size) => mnemonicOf(row, size as 16 | 32) === name))
  if (rows.length === 0) throw new RangeError(`no instruction is called ${name}: write POPF, CLI or MOV CR`)
  return rows.map(({ outside }) => outside)
}

/** INT leaks where it goes, and is meant to: what is called a lie here is about flags and registers. */
const isLie = ({ lies }: Placed) => lies !== undefined && !lies.startsWith("outcome")

const WHO: Readonly<Record<Ring, string>> = { 3: "application", 2: "free", 1: "free", 0: "kernel" }
const withoutMonitor = (ring: Ring): string => WHO[ring]
const withMonitor = (ring: Ring): string =>
  LANES["trap-and-emulate"].find((lane) => lane.ring === ring)?.name ?? "free"

/** Where the rows begin, and how wide the largest ring is. */
const X = 300
const LARGEST = X - EDGE - 24

function drawRows(placed: readonly Placed[], who: (ring: Ring) => string): Piece[] {
  const make = (ring: Ring) => (y: number) => (least: number) =>
    block(
      [X, y, INNER + EDGE - X],
      `Ring ${ring}: ${who(ring)}`,
      rowWords(placed, ring),
      `ring${ring}` as BoxLook,
      least,
    )
  const [{ height }] = level(RINGS.map((ring) => make(ring)(0)))
  return RINGS.map((ring, n) => make(ring)(TOP + n * (height + 8))(height))
}

function rowWords(placed: readonly Placed[], ring: Ring): Words[] {
  const here = placed.filter((one) => one.ring === ring)
  const [liars, honest] = [here.filter(isLie), here.filter((one) => !isLie(one))]
  const names = (all: readonly Placed[]) => all.map(({ name }) => name).join("  ")
  const works = ring === 0 ? "works only here" : `works in rings 0 to ${ring}`
  return [
    ...(honest.length > 0 ? [[`${works}: ${names(honest)}`, "mono"] as const] : []),
    ...(liars.length > 0 ? [[`✗ runs, and lies: ${names(liars)}`, "strong"] as const] : []),
  ]
}

/** Quarters of rings, from the outermost to the innermost, each as high as its row lies. */
function quarters(rows: readonly Piece[]): Piece {
  const floor = bottom(...rows)
  const shapes = RINGS.flatMap((ring, n): Shape[] => [
    { is: "quarter", x: EDGE, y: floor, ...radii(rows, n), look: `ring${ring}` as BoxLook },
    { is: "text", x: EDGE + 10, y: rows[n].y + 24, text: `${ring}`, look: "title" },
  ])
  return { shapes, x: EDGE, y: TOP, width: LARGEST, height: floor - TOP }
}

function radii(rows: readonly Piece[], n: number): { across: number; up: number } {
  const floor = bottom(...rows)
  const up = floor - rows[n].y
  return { up, across: (LARGEST * up) / (floor - rows[0].y) }
}

/** From each ring to its row. */
function leads(rows: readonly Piece[]): Piece[] {
  const floor = bottom(...rows)
  return rows.map(({ x, y, height }, n) => {
    const middle = y + height / 2
    const { up, across } = radii(rows, n)
    const start = EDGE + across * Math.sqrt(1 - ((floor - middle) / up) ** 2) - 14
    return arrow([
      [start, middle],
      [x, middle],
    ])
  })
}

const lieWords = ({ name, lies }: Placed): Words => [`✗ ${name}: ${told(lies)}.`, "text"]

/** The table may have only what is shown: "GDTR", "CR0 bits 15:0". */
const told = (lies = "") => (/^[A-Z]+\d?( bits .*)?$/.test(lies) ? `shows ${lies} as it really is` : lies)

function sentences(placed: readonly Placed[], who: (ring: Ring) => string, iopl: number): string[] {
  const rings = RINGS.map((ring) => `ring ${ring}: ${who(ring)}`).join(", ")
  return [`From the outside to the inside: ${rings}.`, `IOPL is ${iopl}.`, ...placed.map(placedWords)]
}

function placedWords(one: Placed): string {
  const { name, ring, lies } = one
  if (isLie(one)) return `${name} runs in every ring and faults in none, though it should: ${told(lies)}.`
  return `${name} works ${ring === 0 ? "in ring 0 only" : `in rings 0 to ${ring}`}.`
}
