/** IA-32 as a subject of the classification. */

import { disassemble } from "../../isa/disassemble"
import { AC, CF, DF, ID, IF, IOPL, NT, OF, PF, SF, ZF } from "../../isa/eflags"
import type { Random } from "../../numbers/random"
import type { Conditions, Situation } from "../classification"
import type { Family, Run, Subject } from "../subject"
import { written } from "../tell"
import { encodingsOf, formsOf, type TableForm } from "./forms"
import { PARTS } from "./parts"
import { Runner } from "./runner"
import { DIFFERENCES, someSituation } from "./seeds"
import { GDTS, IDTS, LDT_SELECTORS, PAGES, TASK_SELECTORS } from "./world"

/** Different bytes of a form that are tried, and those for virtual-8086 mode. */
const ENCODINGS = 48
const VIRTUAL_ENCODINGS = 6
/** Of so many rounds one is in virtual-8086 mode. */
const VIRTUAL_EVERY = 16
const WORD = { digits: 4 }
const LONG = { digits: 8 }

/** Flags that do not decide what an instruction may do. */
const PASSING = [CF, PF, ZF, SF, DF, IF, OF, NT, AC, ID]

/** The processor under some conditions. */
export class Ia32 implements Subject<Situation, TableForm> {
  readonly parts = PARTS
  /** A flag that a run changes beside the point may begin as it ends. */
  readonly plainer = PASSING.map((flag) => (state: Situation) => ({ ...state, flags: state.flags ^ flag }))
  private readonly runner: Runner

  constructor(
    private readonly conditions: Conditions,
    readonly forms: readonly TableForm[] = formsOf(),
  ) {
    this.runner = new Runner(conditions.repaired)
  }

  begin(form: TableForm, random: Random): ((round: number) => Family<Situation>) | undefined {
    const encodings = encodingsOf(form, ENCODINGS, 32, random)
    if (encodings.length === 0) return undefined
    const virtual = this.conditions.ring === 3 ? encodingsOf(form, VIRTUAL_ENCODINGS, 16, random) : []
    this.runner.load([...encodings, ...virtual])
    return (round) =>
      round % VIRTUAL_EVERY === VIRTUAL_EVERY - 1 && virtual.length > 0
        ? this.family(form, random.pick(virtual), true, round, random)
        : this.family(form, random.pick(encodings), false, round, random)
  }

  private family(
    { rows: [row] }: TableForm,
    bytes: readonly number[],
    virtual: boolean,
    round: number,
    random: Random,
  ): Family<Situation> {
    const user = someSituation(row, bytes, virtual, this.conditions, random)
    const supervisor: Situation | undefined = virtual ? undefined : { ...user, ring: 0 }
    const twinOf = virtual || Math.floor(round / DIFFERENCES.length) % 2 === 0 ? "user" : "supervisor"
    const {
      name,
      twin,
      outside = false,
    } = DIFFERENCES[virtual ? random.below(DIFFERENCES.length) : round % DIFFERENCES.length]
    const base = twinOf === "user" ? user : (supervisor as Situation)
    return { user, supervisor, twin: twin(base, random), twinOf, differs: name, outside }
  }

  run(situation: Situation, slot: 0 | 1 | 2): Run {
    return this.runner.run(situation, slot)
  }

  inUserMode({ ring, virtual }: Situation): boolean {
    return ring !== 0 || virtual
  }

  writtenIn({ bytes, virtual }: Situation): string {
    return disassemble(Uint8Array.from(bytes), 0, { bits: virtual ? 16 : 32 }).text
  }

  modeOf({ ring, virtual }: Situation): string {
    return virtual ? "virtual-8086 mode" : `ring ${ring}`
  }

  fixedIn({ flags }: Situation): string {
    return `IOPL ${(flags & IOPL) >> 12}`
  }

  nameOf({ places, cr0, cr4, flags }: Situation, differs: string): string {
    const values: Readonly<Record<string, string>> = {
      GDTR: `GDTR at ${written(LONG, GDTS[places.gdt])}`,
      IDTR: `IDTR at ${written(LONG, IDTS[places.idt])}`,
      LDTR: `LDTR ${written(WORD, LDT_SELECTORS[places.ldt])}`,
      TR: `TR ${written(WORD, TASK_SELECTORS[places.task])}`,
      CR3: `CR3 ${written(LONG, PAGES[places.pages])}`,
      CR0: `CR0 ${written(LONG, cr0)}`,
      CR4: `CR4 ${written(LONG, cr4)}`,
      IF: `IF ${flags & IF ? 1 : 0}`,
      IOPL: `IOPL ${(flags & IOPL) >> 12}`,
    }
    return values[differs]
  }
}
