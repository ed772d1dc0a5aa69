import { expect, test } from "vitest"
import { enterRing, kit } from "../../src/guests/kit"
import { startController, startTimer } from "../../src/guests/traps"
import { firstDifference } from "../../src/hypervisors/equivalence"
import { besideBare, virtualize } from "../../src/hypervisors/virtualize"
import { asm } from "../../src/isa/assemble"
import { record } from "../../src/views/record"

const kernel = (critical: string) => asm`${kit({ gates: [{ vector: 0x20, handler: "tick" }] })}
main:
${startController([0])}
${startTimer(2000)}
  sti
  ${critical}
sleep: hlt
  cli
  hlt
tick: push eax
  mov al, 0x20
  out 0x20, al
  pop eax
  iretd`
const honest = kernel("cli\n  nop\n  sti")
const believing = kernel("pushf\n  cli\n  nop\n  popf")

test("a kernel whose critical section traps ends as on bare metal, and one that uses POPF sleeps for ever", () => {
  const ends = [honest, believing].map((program) => {
    const { machine, guest } = virtualize(program)
    machine.run()
    return guest.cpu.eip - program.labels.sleep
  })
  expect(ends).toEqual([3, 1])
  expect(firstDifference(besideBare(honest), 10_000)).toBeUndefined()
  expect(firstDifference(besideBare(believing), 10_000)).toMatchObject({
    instruction: "popf",
    what: "EFLAGS.IF",
    bare: 0x200,
    virtual: 0,
  })
})

test("a recording of a virtual machine names places and lines after its program, also where a page is not in the tables yet", () => {
  const { machine } = virtualize(honest)
  const recording = record(machine, { steps: 90 })
  const sentences = Array.from({ length: recording.steps }, (_, n) => recording.frame(n + 1).sentence)
  expect(sentences.some((sentence) => sentence.includes("“main”"))).toBe(true)
  expect(sentences.filter((sentence) => sentence.includes("nothing is mapped"))).toEqual([])
  const trapped = recording.frame(sentences.findIndex((sentence) => sentence.includes("tried “sti”")) + 1)
  expect(trapped.code.find(({ ran }) => ran)?.text).toBe("sti")
  expect(trapped.code.find(({ next }) => next)?.text).toBe("code of trap-and-emulate: #GP")
  expect(trapped.code.length).toBeGreaterThan(5)
})

test("several copies of a program run in virtual machines of their own", () => {
  const { machine, hypervisor } = virtualize(honest, "trap-and-emulate", { copies: 2, memory: 2 })
  machine.run()
  expect(hypervisor.guests.map(({ vm }) => vm.machine.cpu.activity)).toEqual(["halted", "halted"])
})

test("rings of processes are named by the lanes", () => {
  const program = asm`${kit()}
main:
${enterRing(3, "user")}
user: jmp user`
  expect(record(virtualize(program).machine, { steps: 60 }).timeline.lanes?.map(({ name }) => name)).toEqual([
    "monitor",
    "guest kernel",
    "application",
  ])
})
