/** What the guest kernel's programs compute, computed without it: checksums of their tasks, and how many system calls they make. */

const BASIS = 0x811c_9dc5 | 0
const take = (checksum: number, n: number) => Math.imul(checksum ^ n, 0x0100_0193)
const takeAll = (numbers: Iterable<number>) => {
  let checksum = BASIS
  for (const n of numbers) checksum = take(checksum, n)
  return checksum
}

/** From `count` down to 1. */
const down = (count: number) => Array.from({ length: count }, (_, n) => count - n)

function* xorshift(first: number, count: number): Generator<number> {
  for (let x = first, n = 0; n < count; n++) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    yield x
  }
}

/** What a round of `faults` takes in: 16 empty pages, a child's sum, and the pages as the parent wrote them. */
function faultsRound(number: number): number[] {
  const written = Array.from({ length: 16 }, (_, n) => number + 7 * (n + 1))
  const childsSum = written.reduce((sum, n) => sum + n + 1, 0)
  return [...written.map(() => 0), childsSum, ...written]
}

/** Pages 1 to 4, of which two neighbours change places each time, the last with the first; what page 1 shows. */
function* exchanges(count: number): Generator<number> {
  const pages = [1, 2, 3, 4]
  for (const n of down(count)) {
    const [a, b] = [n % 4, (n + 1) % 4]
    ;[pages[a], pages[b]] = [pages[b], pages[a]]
    yield pages[0]
  }
}

/** What `lines` writes. */
export const LINE = "the quick brown fox jumps over the lazy dog\n"

const BREAK = 0x4000_1000

interface ModelTask {
  /** @param number the task's place, from 1 on */
  readonly checksum: (size: number, number: number) => number
  /** System calls but the one that ends the task. */
  readonly calls: (size: number) => number
}

const TASKS: Readonly<Record<string, ModelTask>> = {
  compute: { checksum: (size, number) => takeAll(xorshift(number, 10_000 * size)), calls: () => 0 },
  calls: {
    checksum: (size) => takeAll(down(500 * size).flatMap(() => [0, BREAK])),
    calls: (size) => 1000 * size,
  },
  forks: {
    checksum: (size) => takeAll(down(10 * size).flatMap((n) => [4 * n, n])),
    calls: (size) => 30 * size,
  },
  faults: {
    checksum: (size, number) => takeAll(down(size).flatMap(() => faultsRound(number))),
    calls: (size) => 5 * size,
  },
  tables: { checksum: (size) => takeAll(exchanges(200 * size)), calls: (size) => 1 + 200 * size },
  switches: { checksum: (size) => takeAll(down(200 * size)), calls: (size) => 200 * size },
  ports: { checksum: (size) => takeAll(down(100 * size).map((n) => n & 0xff)), calls: (size) => 100 * size },
  lines: { checksum: (size) => takeAll(down(20 * size).map(() => LINE.length)), calls: (size) => 20 * size },
  timer: { checksum: (size) => takeAll(down(size)), calls: (size) => size },
}

/** Tasks of each program with their shares of its size. */
const PROGRAMS: Readonly<Record<string, readonly (readonly [task: string, share: number])[]>> = {
  compute: [
    ["compute", 4],
    ["compute", 4],
  ],
  calls: [["calls", 1]],
  forks: [["forks", 1]],
  faults: [["faults", 1]],
  tables: [["tables", 1]],
  switches: [
    ["switches", 1],
    ["switches", 1],
  ],
  ports: [["ports", 1]],
  timer: [["timer", 1]],
  lines: [
    ["lines", 1],
    ["lines", 1],
  ],
  mix: [
    ["compute", 5],
    ["calls", 1],
    ["forks", 1],
    ["faults", 1],
    ["tables", 1],
    ["switches", 1],
    ["switches", 1],
    ["ports", 1],
    ["timer", 1],
  ],
}

/** Names of the programs. */
export const MODELLED = Object.keys(PROGRAMS)

const digits = (n: number) => (n >>> 0).toString(16).padStart(8, "0")

/** The line of a task. */
export const taskLine = (task: string, size: number, number: number): string =>
  `${String(number).padStart(2, "0")} ${task}: ${digits(TASKS[task].checksum(size, number))}`

/** The lines of a program's tasks. */
export const taskLines = (program: string, size: number): string[] =>
  PROGRAMS[program].map(([task, share], n) => taskLine(task, size * share, n + 1))

/** All system calls: init forks, waits and writes for each task, each task ends by one, and so does init. */
export const systemCalls = (program: string, size: number): number =>
  PROGRAMS[program].reduce((sum, [task, share]) => sum + 4 + TASKS[task].calls(size * share), 1)
