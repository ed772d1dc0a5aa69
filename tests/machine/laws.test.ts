/** Laws of the machine, with seeds: how a run is cut into pieces, or looked at, changes nothing. */

import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { assemble } from "../../src/isa/assemble"
import type { Machine } from "../../src/machine/machine"
import { hashOf, recordRun } from "../../src/machine/time/recording"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import { pc } from "../../src/pc"
import { BUSY, busy, GATES, numbers } from "./busy"
import { boot } from "./guest"

const STEPS = 30_000

function runWhole(machine: Machine): string {
  machine.run({ steps: STEPS })
  return hashOf(machine)
}

describe("a run gives the same state, ledger and TLB counts", () => {
  const whole = runWhole(busy())
  test("twice", () => expect(runWhole(busy())).toBe(whole))
  test("step by step", () => {
    const machine = busy()
    for (let n = 0; n < STEPS; n++) machine.step()
    expect(hashOf(machine)).toBe(whole)
  })
  for (const seed of [1, 2, 3, 4, 5])
    test(`in pieces of random length, seed ${seed}`, () => {
      const machine = busy()
      const random = numbers(seed)
      for (let left = STEPS; left > 0; ) {
        const piece = Math.min(left, 1 + random(200))
        expect(machine.run({ steps: piece }).steps).toBe(piece)
        left -= piece
      }
      expect(hashOf(machine)).toBe(whole)
    })
  test("while a listener wants every detail", () => {
    const machine = busy()
    machine.listener = { detail: true, tell: () => {} }
    machine.run({ steps: STEPS })
    machine.listener = undefined
    expect(hashOf(machine)).toBe(whole)
  })
  test("while it is recorded", () => {
    const machine = busy()
    const { recorded } = recordRun(machine, STEPS)
    expect(hashOf(machine)).toBe(whole)
    expect(recorded.hash).toBe(whole)
  })
  test("and it did something of everything", () => {
    const machine = busy()
    const { marks } = recordRun(machine, STEPS)
    expect(new Set(marks.map(([, kind]) => kind))).toEqual(new Set([0, 1, 2, 3, 4, 5]))
    expect(machine.cpu.linear.tlb.misses).toBeGreaterThan(10)
  })
})

test("a page of data that takes the code's place in the TLB costs the same walks, run whole or step by step", () => {
  // Linear page 100h + the code's page falls into the same slot of 256.
  const program = assemble(`org 0x100000
start:
  mov dword [0x201000], 0x87
  mov eax, 0x10
  mov cr4, eax
  mov eax, 0x201000
  mov cr3, eax
  mov eax, cr0
  or eax, 0x80000000
  mov cr0, eax
  mov ecx, 50
again:
  mov [0x200000 + (here - start)], eax
here:
  add eax, ecx
  add eax, [0x300000]
  loop again
  hlt`)
  const whole = pc().load(program)
  whole.run({ steps: 1000 })
  const stepped = pc().load(program)
  for (let n = 0; n < 1000 && stepped.cpu.activity === "running"; n++) stepped.step()
  expect(stepped.ledger.entries().walk).toBeGreaterThan(50 * 15)
  expect(hashOf(stepped)).toBe(hashOf(whole))
})

describe("with breakpoints on data and on execution a run gives the same state", () => {
  const arm = `mov eax, ticks\n mov dr0, eax\n mov eax, 0x300800\n mov dr1, eax\n mov eax, patch\n mov dr2, eax
 mov eax, 0x00dd002a\n mov dr7, eax\n`
  const handler = "\nwatch: or dword [esp + 8], 0x10000\n iretd\n"
  const watched = () =>
    boot(`${arm}${BUSY}`.replace("service: push eax", `${handler}service: push eax`), {
      gates: [...GATES, { vector: 1, handler: "watch" }],
    }).machine
  const whole = watched()
  const end = runWhole(whole)
  test("step by step", () => {
    const machine = watched()
    let traps = 0
    machine.listener = {
      detail: false,
      tell: (event) => void (traps += event.is === "fault" && event.vector === 1 ? 1 : 0),
    }
    for (let n = 0; n < STEPS; n++) machine.step()
    machine.listener = undefined
    expect(hashOf(machine)).toBe(end)
    expect(traps).toBeGreaterThan(20)
  })
  test("in pieces of random length, restored from a snapshot each time", () => {
    let machine = watched()
    const random = numbers(9)
    for (let left = STEPS; left > 0; ) {
      const piece = Math.min(left, 1 + random(2000))
      machine.run({ steps: piece })
      left -= piece
      const next = watched()
      next.memory.write(0, machine.memory.bytes)
      next.restore(JSON.parse(JSON.stringify(machine.save())))
      machine = next
    }
    expect(hashOf(machine)).toBe(end)
  })
})

describe("a replay", () => {
  const { recorded, marks } = recordRun(busy(), STEPS)
  test("ends where the recording did, with the same marks", () => {
    const replay = new Replay(JSON.parse(JSON.stringify(recorded)), rebuild)
    expect(replay.playThrough()).toBe(true)
    expect(replay.marks).toEqual(marks)
  })
  for (const seed of [11, 12, 13])
    test(`shows at any step what a straight run shows there, forwards and backwards, seed ${seed}`, () => {
      const replay = new Replay(recorded, rebuild)
      replay.playThrough()
      const random = numbers(seed)
      for (let n = 0; n < 12; n++) {
        const step = random(STEPS + 1)
        replay.seek(step)
        const straight = busy()
        straight.run({ steps: step })
        expect(hashOf(replay.machine)).toBe(hashOf(straight))
      }
    })
  test("explaining a step leaves the machine where running it would", () => {
    const replay = new Replay(recorded, rebuild)
    for (const step of [1, 500, 20_000, 19_999]) {
      replay.explain(step)
      const straight = busy()
      straight.run({ steps: step })
      expect(hashOf(replay.machine)).toBe(hashOf(straight))
    }
  })
  test("keeps at most 64 checkpoints of a long run, and still reaches its steps", () => {
    const machine = pc({ memory: 1 }).load(
      assemble("org 0x1000\nagain: inc eax\n mov [0x2000], eax\n jmp again"),
    )
    const long = recordRun(machine, 3_000_000).recorded
    const replay = new Replay(long, rebuild)
    expect(replay.playThrough()).toBe(true)
    replay.seek(2_345_678)
    expect(replay.machine.cpu.reg[0]).toBe(Math.ceil(2_345_678 / 3))
    replay.seek(1_000)
    expect(replay.machine.cpu.reg[0]).toBe(334)
  })
  test("keeps fewer checkpoints where devices' states are large, so that all together stay below 96 MiB", () => {
    const device = { name: "disk", state: { sectors: "x".repeat(1_000_000) } }
    const machine = pc({ memory: 1, devices: [device] }).load(assemble("org 0x1000\nagain: jmp again"))
    const replay = new Replay(recordRun(machine, 126_000).recorded, rebuild)
    expect(replay.playThrough()).toBe(true)
    const { checkpoints } = replay as unknown as { checkpoints: readonly { state: unknown }[] }
    expect(checkpoints.length).toBeGreaterThan(10)
    expect(checkpoints.length * 2_000_000).toBeLessThan(96 * (1 << 20))
  })
  test("runs the code that memory held at that step, where a program rewrites itself", () => {
    const rewriting = () =>
      pc({ memory: 1 }).load(
        assemble(
          "org 0x1000\nagain: add ebx, 1\n xor byte [again + 1], 0x28 ; ADD EBX becomes SUB EBX\n jmp again",
        ),
      )
    const replay = new Replay(recordRun(rewriting(), 5_000).recorded, rebuild)
    replay.playThrough()
    for (const step of [4_003, 2_050, 2_053, 7, 3]) {
      replay.seek(step)
      const straight = rewriting()
      straight.run({ steps: step })
      expect(hashOf(replay.machine)).toBe(hashOf(straight))
    }
  })
  test("a changed recording is noticed", () => {
    const pages = recorded.pages.map(
      ([page, bytes], n) => (n === 0 ? [page, `////${bytes.slice(4)}`] : [page, bytes]) as [number, string],
    )
    expect(new Replay({ ...recorded, pages }, rebuild).playThrough()).toBe(false)
  })
})

test("snapshots: saving and restoring is the identity", () => {
  const machine = busy()
  machine.run({ steps: 12_345 })
  const saved = machine.save()
  const memory = machine.memory.bytes.slice()
  const end = runWhole(machine)
  machine.memory.write(0, memory)
  machine.restore(saved)
  expect(machine.save()).toEqual(saved)
  expect(runWhole(machine)).toBe(end)
})

test("a long run stops when the host asks, and can go on", () => {
  const HOST = Symbol.for("ringlab.host")
  let asked = 0
  Object.assign(globalThis, { [HOST]: { stopRequested: () => ++asked > 2 } })
  try {
    const machine = pc({ memory: 1 }).load(assemble("org 0x1000\nagain: inc eax\n jmp again"))
    expect(machine.run()).toEqual({ why: "stopped", steps: 200_000 })
    asked = -10
    expect(machine.run({ steps: 1000 })).toEqual({ why: "limit", steps: 1000 })
  } finally {
    Reflect.deleteProperty(globalThis, HOST)
  }
})

test("a halted machine that no interrupt can wake ends its run, though the timer goes on", () => {
  const { machine } = boot(
    "mov al, 0x34\n out 0x43, al\n mov al, 9\n out 0x40, al\n out 0x40, al\n sti\n hlt",
    {},
  )
  expect(machine.run({ steps: 500 })).toEqual({ why: "limit", steps: 500 })
})

test("src uses no clock and no chance", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".ts") && !/^(dist|esm|node_modules)/.test(name),
  )
  const guilty = files.filter((name) =>
    /Math\.random|Date\.now|new Date|performance\.now|setTimeout/.test(readFileSync(`src/${name}`, "utf8")),
  )
  expect(guilty).toEqual([])
})
