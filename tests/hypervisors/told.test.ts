/** What a reader of a recording is told of a monitor's steps. */
import { expect, test } from "vitest"
import { enterRing, kit } from "../../src/guests/kit"
import { hypervise } from "../../src/hypervisors/kinds"
import { asm } from "../../src/isa/assemble"
import { pc } from "../../src/pc"
import { record } from "../../src/views/record"

const guest = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
${enterRing(3, "user")}
user: int 0x80
  int 0x80
  jmp user
service: cli
  mov al, 'A'
  out 0x80, al
  in al, 0x61
  mov ebx, [0xfee00000]
  inc esi
  cmp esi, 2
  jb .back
  ud2
.back: iretd`

const machine = pc({ memory: 18 })
hypervise(machine, "trap-and-emulate", { vms: [{ name: "guest", memory: 8 }] }).guests[0].vm.load(guest)
const recording = record(machine, { steps: 400 })
const sentences = Array.from({ length: recording.steps + 1 }, (_, step) => recording.frame(step).sentence)

test.each([
  "Before the first step: the machine is in ring 0 and will run “code of trap-and-emulate: boot” at FEFF1000h.",
  "The code of trap-and-emulate ran (boot). It left the processor at “start” in ring 1.",
  "The code of trap-and-emulate ran (#PF). The shadow tables did not let this through yet: they do now, and the guest tries again. It left the processor at “start” in ring 1.",
])("the first steps: %s", (sentence) => {
  expect(sentences.slice(0, 4)).toContain(sentence)
})

test.each([
  /^Ring 1 tried “lgdt \[gdt_register\]”, which faulted with #PF\(0\): .* The processor went to the handler “code of trap-and-emulate: #PF”, now in ring 0, on that ring's stack\.$/,
  /^Ring 1 tried “cli”, .* The processor went to the handler “code of trap-and-emulate: #GP”, now in ring 0/,
  /^The code of trap-and-emulate ran \(#GP\)\. “cli” is done on the guest's own processor, a virtual one\. It left the processor at “service” \+ 1 in ring 1\.$/,
  /^The code of trap-and-emulate ran \(#GP\)\. “iret” is done on .* in ring 3\.$/,
  /^The code of trap-and-emulate ran\. INT 80h is the guest's own: it goes through the guest's gate\. It left .* in ring 1\.$/,
  /The guest's device at port 080h gets 41h\./,
  /The guest's device at port 061h is asked\./,
  /No memory of the guest's is at FEE00000h: its device there is asked\./,
  /^The code of trap-and-emulate ran \(#UD\)\. #UD is the guest's own: it goes to the guest's handler\./,
])("a step says %s", (pattern) => {
  expect(sentences.filter((sentence) => pattern.test(sentence))).not.toEqual([])
})

test("the panel of code shows the monitor's code as one line", () => {
  const step = sentences.findIndex((sentence) => sentence.startsWith("Ring 1 tried “cli”"))
  expect(recording.frame(step).code.filter(({ next }) => next)).toEqual([
    expect.objectContaining({ text: "code of trap-and-emulate: #GP", address: 0xffff_f0d0 }),
  ])
})

test("words that nobody reads are not made", () => {
  let made = 0
  const device = {
    name: "asked",
    memory: [[0xfed0_0000, 0xfed0_0fff]] as const,
    execute(_entry: number, ring0: { tell(text: () => string): void; jump(to: number): void }) {
      ring0.tell(() => `time ${++made}`)
      ring0.jump(0x10_0000)
    },
  }
  const bare = pc({ devices: [device as never] }).load(asm`mov eax, 0xfed00000
    jmp eax`)
  bare.run({ steps: 100 })
  expect(made).toBe(0)
  expect(bare.clock.steps).toBe(100)
})
