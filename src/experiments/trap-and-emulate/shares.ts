/** Virtual machines that share one processor: how far each comes, and what happens when they want more than there is. */
import { kit } from "../../guests/kit"
import { once } from "../../guests/once"
import { startController, startTimer } from "../../guests/traps"
import { hypervise } from "../../hypervisors/kinds"
import { assemble } from "../../isa/assemble"
import { FREE } from "../../machine/events/costs"
import type { Work } from "../../numbers/slices"
import { pc } from "../../pc"
import { type Experiment, type Result, type Run, type Values, yourChoice } from "../experiment"

/** So slow a clock that a second is a short run. Nothing costs more than its step, so that the scheduler alone is seen. */
const HERTZ = 100_000
const SECONDS = 0.36
/** The guest's timer: it begins its next piece of work every 20 ms. */
const DIVISOR = 23_864
const TICK_CYCLES = (DIVISOR * HERTZ) / 1_193_182
const MOST_VMS = 6
const ORDINARY = 256
/** Where a guest counts what it has done, and where it finds how much to do at a tick: in rounds of so many instructions. */
const [PROGRESS, WORK, CYCLES_OF_ROUND] = [0x8_0000, 0x8_0004, 3]

/** Works a while at each tick, then sleeps. */
const guest = once(() =>
  assemble(`${kit({ origin: 0x1000, gates: [{ vector: 0x20, handler: "tick" }] })}
main:
${startTimer(DIVISOR)}
${startController([0])}
again:
  mov ecx, [${WORK}]
.round:
  inc dword [${PROGRESS}]
  dec ecx
  jnz .round
  sti
  hlt
  cli
  jmp again
tick:
  push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd`),
)

/** Times at which one looks, seconds. */
const LOOKS = Array.from({ length: 12 }, (_, n) => ((n + 1) * SECONDS) / 12)

/** Seconds of work that each has done, at each look. */
type Progress = readonly (readonly number[])[]

/** So many virtual machines, the first with a weight of its own, each of which wants so much of the processor. */
function* progressOf(count: number, weight: number, demand: number): Work<Progress> {
  const machine = pc({ memory: 3 + 2 * count, hertz: HERTZ, prices: FREE })
  const vms = Array.from({ length: count }, (_, n) => ({
    name: `vm${n + 1}`,
    memory: 1,
    weight: n === 0 ? weight : ORDINARY,
  }))
  const { guests } = hypervise(machine, "trap-and-emulate", { vms })
  const rounds = Math.max(1, Math.round((TICK_CYCLES * demand) / 100 / CYCLES_OF_ROUND))
  for (const { vm } of guests) vm.load(guest()).memory.set(WORK, 32, rounds)
  const seen: number[][] = []
  for (const [n, seconds] of LOOKS.entries()) {
    machine.run({ steps: Math.max(1, Math.round(seconds * HERTZ - machine.clock.now)) })
    seen.push(guests.map(({ vm }) => ((vm.memory.get(PROGRESS, 32) >>> 0) * CYCLES_OF_ROUND) / HERTZ))
    yield { done: n, of: LOOKS.length }
  }
  return seen
}

/** Shares of the processor at the end, per cent. */
const sharesOf = (progress: Progress) => (progress.at(-1) ?? []).map((done) => (100 * done) / SECONDS)
const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0)
const percent = (share: number) => `${share.toFixed(0)} %`

function* run({ vms, weight, demand }: Values): Run {
  const all: (readonly number[])[] = []
  let chosen: Progress = []
  for (let count = 1; count <= MOST_VMS; count++) {
    const progress = yield* progressOf(count, Number(weight), Number(demand))
    all.push(sharesOf(progress))
    if (count === Number(vms)) chosen = progress
  }
  return resultOf(all, chosen, Number(demand))
}

function resultOf(all: readonly (readonly number[])[], chosen: Progress, demand: number): Result {
  const count = chosen[0].length
  const shares = all[count - 1]
  const others = count > 1 ? `, another one ${percent(shares[1])}` : ""
  const isFull = count * demand > 100
  const counts = all.map((_, n) => n + 1)
  const line = { type: "scatter", mode: "lines+markers", x: counts }
  return {
    sentence: `${count} virtual machine${count === 1 ? " wants" : "s want"} ${percent(demand)} of the processor each, ${percent(count * demand)} in all. The first gets ${percent(shares[0])}${others}; together they use ${percent(sum(shares))}. ${isFull ? "The processor is used up: now the weights decide." : "There is enough for all, so the weights do not matter."}`,
    table: {
      columns: ["after", ...chosen[0].map((_, n) => `VM ${n + 1}, ms of work`)],
      rows: chosen.map((done, n) => [
        `${(1000 * LOOKS[n]).toFixed(0)} ms`,
        ...done.map((seconds) => (1000 * seconds).toFixed(0)),
      ]),
    },
    chart: {
      data: [
        { ...line, name: "the first", y: all.map((each) => each[0]) },
        { ...line, name: "each other", x: counts.slice(1), y: all.slice(1).map((each) => each[1]) },
        { ...line, name: "all together", y: all.map(sum), line: { dash: "dot" } },
        yourChoice([count], [shares[0]]),
      ],
      layout: {
        xaxis: { title: { text: "virtual machines" }, dtick: 1 },
        yaxis: { title: { text: "share of the processor (%)" }, range: [0, 105] },
        height: 380,
      },
    },
  }
}

/** Number, weight and wishes against what each gets. */
export const SHARES: Experiment = {
  name: "trap-and-emulate/shares",
  title: "Who gets how much",
  about:
    "Each virtual machine works for a while every 20 ms, then sleeps. Add virtual machines: where does the curve bend, and what do the weights do before and after? The other virtual machines have weight 256.",
  parameters: {
    vms: { kind: "range", label: "Virtual machines", unit: "", min: 1, max: MOST_VMS, step: 1, value: 3 },
    weight: {
      kind: "range",
      label: "Weight of the first",
      unit: "",
      min: 64,
      max: 1024,
      step: 64,
      value: 512,
    },
    demand: {
      kind: "range",
      label: "What each wants of the processor",
      unit: "%",
      min: 10,
      max: 100,
      step: 5,
      value: 40,
    },
  },
  run,
}
