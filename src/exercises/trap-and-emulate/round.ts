/** An application that calls its kernel: the round that both exercises, on the order of things and on the number of exits, are about. */
import { enterRing } from "../../guests/kit"
import type { Random } from "../../numbers/random"
import { hosted, keepingLast, programOf, type Scene } from "./scene"
import { type Stop, Watch } from "./watch"

/** What a line of a handler is to the processor in ring 1. */
export type Kind = "privileged" | "sensitive" | "plain"

/** A line of a handler's. */
export interface HandlerLine {
  readonly line: string
  readonly kind: Kind
}

const of = (kind: Kind, ...lines: readonly string[]): HandlerLine[] => lines.map((line) => ({ line, kind }))

/** Lines that a handler may have in any order. */
const LINES: readonly HandlerLine[] = [
  ...of("privileged", "mov ecx, cr3", "in al, 0x61", "out 0x80, al", "cli", "clts", "mov edx, cr0"),
  ...of("sensitive", "pushfd\n  pop ecx", "mov ecx, cs", "smsw edx", "str ecx", "sidt [place]"),
  ...of("plain", "inc edi", "add edi, esi", "mov [place], edi", "lea ecx, [esi + 1]", "mov ecx, ds"),
]

/** How an application comes to its kernel. What the handler does about the place to return to stands with each. */
const WAYS: readonly { readonly line: string; readonly vector: number; readonly adjust: string }[] = [
  { line: "int 0x80", vector: 0x80, adjust: "" },
  { line: "int 0x30", vector: 0x30, adjust: "" },
  { line: "int3", vector: 3, adjust: "" },
  { line: "ud2", vector: 6, adjust: "add dword [esp], 2" },
  { line: "div ecx", vector: 0, adjust: "add dword [esp], 2" },
]

/** A round: the application's line, so many times, and what the handler does. */
export interface Round {
  readonly way: (typeof WAYS)[number]
  readonly calls: number
  readonly handler: readonly HandlerLine[]
}

/** Choose a round. */
export function chooseRound(choose: Random, mostCalls: number): Round {
  return {
    way: choose.pick(WAYS),
    calls: 1 + choose.below(mostCalls),
    handler: choose.shuffled(LINES).slice(0, 1 + choose.below(4)),
  }
}

/** Lines that the application and the handler have, in their order. */
export const countOf = ({ handler }: Round, kind: Kind) => handler.filter((line) => line.kind === kind).length

/** What the student reads. */
export function listingOf({ way, calls, handler }: Round): string {
  const prepare = way.line === "div ecx" ? ["xor ecx, ecx"] : []
  const application = Array.from({ length: calls }, () => [...prepare, way.line]).flat()
  const adjust = way.adjust === "" ? [] : [way.adjust]
  const block = (label: string, lines: readonly string[]) =>
    [label, ...lines.map((line) => `  ${line}`)].join("\n")
  return [
    block("here:                     ; the application", application),
    "after:",
    block("handler:                  ; the guest kernel", [
      ...handler.map(({ line }) => line),
      ...adjust,
      "iretd",
    ]),
  ].join("\n")
}

/** The application does it again and again, so that shadow tables and gates are as they stay. */
export function sceneOf(round: Round): Scene {
  const gates = [
    { vector: round.way.vector, handler: "handler", dpl: 3 },
    { vector: 0x21, handler: "end", dpl: 3 },
  ]
  const text = listingOf(round).replace("after:", "after:\n  dec ebp\n  jnz here\n  int 0x21")
  return {
    gates,
    lines: `  mov ebp, 3\n${enterRing(3, "here")}\n${text}\nend:\n  cli\n  hlt\nalign 8\nplace: dd 0, 0`,
  }
}

/** What a round came to. */
export interface Went {
  /** Who had the processor, one after the other. */
  readonly lanes: readonly string[]
  /** The exits, without those that only filled shadow tables. */
  readonly stops: readonly Stop[]
}

/** Run it, and look at its last round. */
export const go = keepingLast((round: Round): Went => {
  const program = programOf(sceneOf(round))
  const { here, after } = program.labels
  const watch = new Watch(hosted(program))
  for (let round = 0; round < 2; round++) watch.run(here).run(after)
  watch.run(here)
  const before = watch.stops.length
  watch.lanes.splice(0, watch.lanes.length, "the application")
  watch.run(after)
  return {
    lanes: [...watch.lanes],
    stops: watch.stops.slice(before).filter(({ reason }) => reason !== "shadow"),
  }
})
