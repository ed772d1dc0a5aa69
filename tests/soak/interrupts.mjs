// Interrupts: whatever a cell does, it ends within a second of the interrupt, variables are kept, and the next cell runs.
import { KernelUnderTest, resultOf } from "../kernel/client.ts"

const LIMIT_MS = 1000
const TRIES = 100

/** Cells without an end: what each is, its code, and what cells before it must have said. */
const ENDLESS = [
  ["an endless loop", "for (;;);"],
  ["an endless loop over statements", "let turns = 0\nwhile (true) { turns++ }"],
  ["a loop that follows an await", "await null\nfor (;;);"],
  ["a loop that awaits what is there", "for (;;) await null"],
  ["a loop that awaits timers", "for (;;) await new Promise((resolve) => setTimeout(resolve, 1))"],
  ["a loop in a function of an earlier cell", "spin()", "function spin() { while (true) {} }"],
  ["a loop in a method of an earlier cell", "new Wheel().turn()", "class Wheel { turn() { for (;;); } }"],
  ["a loop in a callback", "[1].forEach(() => { for (;;); })"],
  ["a callback that is called for ever", "Array.from({ length: 1e9 }, (_, n) => n % 7).length"],
  ["a loop in a timer", "setTimeout(() => { for (;;); }, 1)\nawait new Promise(() => {})"],
  ["timers that all compute for ever", "setInterval(() => { for (;;); }, 1)\nawait new Promise(() => {})"],
  ["a promise that never settles", "await new Promise(() => {})"],
  ["promises without end", "const next = async () => { await null; return next() }\nawait next()"],
  ["a long run of the machine", "machine.run({ steps: 1e15 })", "MACHINE"],
  ["a long recording", "record(machine, { steps: 1e15 })", "MACHINE"],
  ["recursion without end in time", "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2))\nfib(100)"],
  [
    "recursion without end, tried again and again",
    "const deep = () => deep()\nfor (;;) try { deep() } catch {}",
  ],
  ["recursion that catches everything", "function deep() { try { deep() } catch { deep() } }\ndeep()"],
  [
    "recursion that has always something to finish",
    "function deep() { try { deep() } finally { deep() } }\ndeep()",
  ],
  ["a loop that catches everything", "for (;;) try { for (;;); } catch {}"],
  ["a generator without end", "function* all() { for (;;) yield 1 }\nfor (const one of all()) void one"],
  ["endless output", "for (;;) console.log('more and more of it')"],
  ["endless output, awaited", "for (;;) { console.log('more'); await null }"],
  ["endless displays", "import { display } from 'tslab'\nfor (;;) display.text('one more')"],
].map(([what, code, before = ""]) => ({ what, code, before: before === "MACHINE" ? MACHINE() : before }))

function MACHINE() {
  return 'import { asm, pc, record } from "ringlab"\nconst machine = pc().load(asm`main: jmp main`)'
}

/** Each kind of endless cell, so many times. */
export async function interrupts(tries = TRIES) {
  const rows = []
  for (const kind of ENDLESS) {
    const row = await soak(kind, tries)
    console.log(`  ${row.what}: ${row.result}`)
    rows.push(row)
  }
  return rows
}

async function soak({ what, code, before }, tries) {
  const kernel = await KernelUnderTest.start()
  try {
    await kernel.run(before)
    await kernel.run("let kept: number = -1")
    const ends = []
    for (let n = 0; n < tries; n++) ends.push(await interruptOnce(kernel, code, n))
    return { what, ...summary(ends) }
  } finally {
    await kernel.stop()
  }
}

/** Runs an endless cell, interrupts it a little later each time, and looks at what is left. */
async function interruptOnce(kernel, code, n) {
  kernel.published.length = 0 // the client looks through all that has come, again and again
  const id = kernel.submit(`kept = ${n}\nconsole.log("running");\n${code}`)
  await kernel.when(() => kernel.outputsOf(id).find(({ type }) => type === "stream"))
  await new Promise((resolve) => setTimeout(resolve, (n * 7) % 50))
  const asked = performance.now()
  await kernel.ask("interrupt_request", {}, "control")
  const { reply } = await kernel.finished(id)
  const milliseconds = performance.now() - asked
  const kept = resultOf(await kernel.run("kept")) === String(n)
  return { milliseconds, interrupted: reply.ename === "Interrupted", kept }
}

function summary(ends) {
  const good = ends.filter(
    ({ milliseconds, interrupted, kept }) => milliseconds <= LIMIT_MS && interrupted && kept,
  )
  const times = ends.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b)
  const [median, longest] = [times[Math.floor(times.length / 2)], times[times.length - 1]].map(Math.round)
  const others = ends.filter(({ interrupted, kept }) => !interrupted || !kept).length
  const lost = others > 0 ? `, ${others} not interrupted or without their variables` : ""
  const result = `${good.length} of ${ends.length} within 1 s; median ${median} ms, longest ${longest} ms${lost}`
  return { result, good: good.length === ends.length }
}
