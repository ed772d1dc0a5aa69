/** Diagrams of all kinds, also of what there is none of: what the tests of diagrams look at. */
import {
  asm,
  type Diagram,
  diagram,
  enterRing,
  kit,
  pc,
  startController,
  startPaging,
  startTimer,
  virtualize,
} from "../../../src/index"

const gates = [
  { vector: 0x80, handler: "service", dpl: 3 },
  { vector: 0x20, handler: "tick" },
  { vector: 13, handler: "refused", kind: "trap" },
] as const

/** An application that calls its kernel, then tries CLI, which it may not. */
export const SYSTEM_CALL = asm`${kit({ gates })}
main:
${enterRing(3, "application")}
application: int 0x80
  cli
service: mov ebx, 1
  iretd
tick: iretd
refused: hlt`

const TICKING = asm`${kit({ gates })}
main:
${startTimer(1000)}
${startController([0])}
${enterRing(3, "application", 0x202)}
application: jmp application
service: iretd
tick: iretd
refused: hlt`

const PAGED = asm`${kit()}
main:
${startPaging()}
  mov dword [TABLE], 0x00300007   ; 4 MiB leads to 3 MiB
  mov eax, [0x400000]
here: jmp here`

/** A machine in ring 3, about to do INT 80h. */
export function inApplication() {
  const machine = pc({ memory: 2 }).load(SYSTEM_CALL)
  while (machine.cpu.cpl !== 3) machine.step()
  return machine
}

/** The same in the kernel, whose ring the gate leads to. */
export function inKernel() {
  const machine = inApplication()
  machine.step()
  return machine
}

/** A machine whose timer has ticked once, and whose handler has forgotten the end of interrupt. */
export function ticking(steps = 400_000) {
  const machine = pc({ memory: 2 }).load(TICKING)
  machine.run({ steps })
  return machine
}

/** A machine with paging on: 4 MiB leads to 3 MiB. */
export function paged() {
  const machine = pc({ memory: 8 }).load(PAGED)
  machine.run({ steps: 60 })
  return machine
}

/** The same as a guest. */
export function pagedGuest() {
  const { machine, guest } = virtualize(PAGED)
  machine.run({ steps: 5000 })
  return guest
}

/** Each by a name for the test's title. */
export const DIAGRAMS: Readonly<Record<string, () => Diagram>> = {
  "the rings": () => diagram.rings(),
  "the rings with a monitor": () => diagram.rings({ monitor: true }),
  "many instructions in the rings": () =>
    diagram.rings({
      iopl: 2,
      instructions: ["POPF", "PUSHF", "SGDT", "SIDT", "SMSW", "STR", "PUSH CS", "CLI", "STI", "OUT", "LAR"],
    }),
  "a selector": () => diagram.selector(0x1b),
  "the null selector": () => diagram.selector(3),
  "a selector in a machine": () => diagram.selector(0x3b, inApplication()),
  "a selector that is refused": () => diagram.selector(0x10, inApplication()),
  "a selector beyond its table": () => diagram.selector(0xfff8, inApplication()),
  "a selector of an LDT that is not there": () => diagram.selector(0x0f, inApplication()),
  "a descriptor": () => diagram.descriptor(inApplication(), 0x08),
  "the descriptor of the TSS": () => diagram.descriptor(inApplication(), inApplication().tr),
  "a descriptor that is not there": () => diagram.descriptor(inApplication(), 0xfff8),
  "a gate to another ring": () => diagram.gate(inApplication(), 0x80),
  "a gate to the same ring": () => diagram.gate(inKernel(), 0x80),
  "the gate of a fault": () => diagram.gate(inApplication(), 13),
  "a gate that is closed": () => diagram.gate(inApplication(), 0x20, { by: "instruction" }),
  "an empty gate": () => diagram.gate(inApplication(), 0x70),
  "a gate of a machine without an IDT": () => diagram.gate(pc({ memory: 2 }), 0xff),
  "the timer": () => diagram.timer(ticking()),
  "the timer before it is started": () => diagram.timer(pc({ memory: 2 })),
  "no monitor": () => diagram.layers("bare"),
  "trap and emulate": () => diagram.layers("trap-and-emulate"),
  "binary translation": () => diagram.layers("binary-translation"),
  paravirtualization: () => diagram.layers("paravirtual"),
  "VT-x": () => diagram.layers("vt-x"),
  KVM: () => diagram.layers("kvm"),
  "an address without paging": () => diagram.walk(inApplication(), 0x1000),
  "a page walk": () => diagram.walk(paged(), 0x0040_0123),
  "a walk to a large page": () => diagram.walk(paged(), 0x1234),
  "a walk to no page": () => diagram.walk(paged(), 0x0040_1000),
  "a walk to no table": () => diagram.walk(paged(), 0xdead_beef),
  "a guest's page walk": () => diagram.walk(pagedGuest(), 0x0040_0123),
}
