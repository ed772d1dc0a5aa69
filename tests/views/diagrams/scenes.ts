/** Diagrams of all kinds, also of what there is none of: what the tests of diagrams look at. */
import { asm, type Diagram, diagram, enterRing, kit, pc } from "../../../src/index"

const program = asm`${kit({ gates: [{ vector: 0x80, handler: "service", dpl: 3 }] })}
main:
${enterRing(3, "application")}
application: mov eax, 5
  int 0x80
  jmp application
service: iretd`

/** A machine in ring 3, about to do INT 80h. */
export function inApplication() {
  const machine = pc({ memory: 2 }).load(program)
  while (machine.cpu.cpl !== 3) machine.step()
  machine.step()
  return machine
}

/** Each by a name for the test's title. */
export const DIAGRAMS: Readonly<Record<string, () => Diagram>> = {
  "a selector": () => diagram.selector(0x1b),
  "the null selector": () => diagram.selector(3),
  "a selector in a machine": () => diagram.selector(0x3b, inApplication()),
  "a selector that is refused": () => diagram.selector(0x10, inApplication()),
  "a selector beyond its table": () => diagram.selector(0xfff8, inApplication()),
  "a selector of an LDT that is not there": () => diagram.selector(0x0f, inApplication()),
}
