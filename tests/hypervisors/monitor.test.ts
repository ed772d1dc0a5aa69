/** A monitor whose loop is its caller's. */
import { expect, test, vi } from "vitest"
import { asm, type Exit, enterRing, kit, monitor, pc, record, serve } from "../../src/index"
import { Replay } from "../../src/machine/time/replay"
import { rebuild } from "../../src/parts"
import type { CarriedRecording } from "../../src/views/record"
import { loadKernel } from "./make"

/** Long runs, on a machine that may be busy. */
vi.setConfig({ testTimeout: 180_000 })

const guest = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main: cli
${enterRing(3, "user")}
user: int 0x80
 jmp user
service: inc ebx
 mov al, bl
 add al, 'A' - 1
 mov edx, 0x3f8
 out dx, al
 in al, 0x60
 cmp ebx, 5
 jae done
 iretd
done: cli
 hlt`

test("run comes back at each exit with what is owed, as a value", () => {
  const vcpu = monitor(pc(), guest)
  const seen: string[] = []
  let sent = ""
  for (;;) {
    const exit = vcpu.run()
    seen.push(exit.why)
    if (exit.why === "hlt") break
    if (exit.why === "io-out") sent += String.fromCharCode(exit.value)
    if (exit.why === "io-in") vcpu.answer(exit, 7)
    else if (exit.why !== "io-out") serve(exit, vcpu, vcpu.devices)
  }
  expect(sent).toBe("ABCDE")
  expect(vcpu.machine.cpu.reg[0] & 0xff).toBe(7)
  expect(seen.filter((why) => why === "system call").length).toBeGreaterThan(3)
  expect(new Set(seen)).toEqual(new Set(["instruction", "system call", "io-out", "io-in", "hlt"]))
})

const loop = (vcpu: ReturnType<typeof monitor>) => {
  for (let exit: Exit = vcpu.run(); exit.why !== "hlt" && exit.why !== "shutdown"; exit = vcpu.run())
    serve(exit, vcpu, vcpu.devices)
}

test("the guest kernel comes to its end, and the recording of it plays without the loop", () => {
  const machine = pc({ memory: 17 })
  const vcpu = monitor(machine)
  loadKernel(vcpu.machine, "kernel-well-behaved", "timer 1")
  const recording = record(machine, { drive: () => loop(vcpu) })
  expect(vcpu.machine.serial).toContain("halted")
  const { run } = recording.output().recording as CarriedRecording
  expect(run.journal.length).toBeGreaterThan(500)
  expect(new Replay(JSON.parse(JSON.stringify(run)), rebuild).playThrough()).toBe(true)
})
